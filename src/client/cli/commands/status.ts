import type { Command } from 'commander';
import { formatDuration } from '../../../plan/duration.ts';
import type { Reached } from '../../connection.ts';
import type { FoundRun } from '../../find-run.ts';
import { platformName } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { finalScreen } from '../conclude.ts';
import type { Commands } from '../program.ts';
import { cliOf, loadRuns, withServer } from '../session.ts';
import { painter } from '../view/paint.ts';
import { failing } from '../view/retries.ts';
import { drawScreen } from '../view/screen.ts';
import { drawSilentRun } from '../view/silent-page.ts';
import { findOrRefuse } from './watch.ts';

/** `lastgood status [platform]`: where a run is, now; answers without a worker too. */
export function addStatus({ program, around }: Commands): void {
  program
    .command('status')
    .description('where a run is, now; without a platform, every open run')
    .argument('[platform]', 'the newest run of this platform', platformName)
    .option('--run <id>', 'that run, not the newest')
    .action(async (platform: string | undefined, options: { run?: string }, command: Command) => {
      const cli = cliOf(command, around);
      await withServer(cli, async at => {
        if (platform === undefined) return listOpen(cli, at);
        return showRun(cli, at, await findOrRefuse(at, platform, options.run));
      });
    });
}

async function showRun(cli: Cli, at: Reached, found: FoundRun): Promise<void> {
  const { aftercareOf, describeWithoutWorker, progressOf, reportOf } = await loadRuns();
  const { platform, run } = found;
  const { stdout } = cli.around;
  const paper = { width: cli.widthOf(stdout), colour: cli.colourOn(stdout) };
  if (found.status === 'open') {
    const progress = await progressOf(at, platform, run);
    if (progress !== undefined) {
      // What the run does not know yet: that an attempt failed, and is made again.
      const pending = await describeWithoutWorker(at, platform, run).then(
        seen => seen.pending,
        () => [],
      );
      return cli.result(
        { platform, run, status: found.status, from: 'run', progress, pending },
        drawScreen({ progress, now: Date.now(), trying: failing(pending) }, paper),
      );
    }
    const silent = await describeWithoutWorker(at, platform, run);
    const lines = drawSilentRun(silent, Date.now(), { paint: painter(paper.colour), width: paper.width });
    return cli.result(
      { platform, run, status: found.status, from: 'server', known: found.known, pending: silent.pending },
      lines,
    );
  }
  // A run that was ended from outside has no report; that is what its status is.
  const report = await reportOf(at, platform, run);
  const progress = await progressOf(at, platform, run).catch(() => undefined);
  const aftercare = report.outcome === 'completed' ? await aftercareOf(at, platform) : undefined;
  const after =
    aftercare === undefined
      ? []
      : [
          `  aftercare   ${aftercare.state}, ${aftercare.samples} samples, ${aftercare.worse.length} worse than the baseline`,
          ...(aftercare.kept === undefined || aftercare.kept === ''
            ? []
            : [`  undo         still kept: ${aftercare.kept.slice(0, 400)}`]),
        ];
  cli.result(
    { platform, run, status: found.status, from: 'run', report, ...(aftercare === undefined ? {} : { aftercare }) },
    [...finalScreen(cli, report, progress), ...after],
  );
}

async function listOpen(cli: Cli, at: Reached): Promise<void> {
  const { openRuns } = await loadRuns();
  const open = await openRuns(at);
  const lines = open.map(run => {
    const age = formatDuration(Date.now() - run.startedAt.getTime());
    return `${run.platform}  ${run.known['Phase'] ?? 'admit'}  ${run.known['Severity'] ?? ''}  open for ${age}  ${run.run}`;
  });
  cli.result({ open }, open.length === 0 ? ['no run is open'] : lines);
}
