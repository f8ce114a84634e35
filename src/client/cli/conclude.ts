import { notStarted, type RunProgress } from '../../run/progress.ts';
import type { RunReport } from '../../run/report.ts';
import type { Started } from '../start-rollback.ts';
import type { Cli } from './cli.ts';
import { EXIT, type ExitCode, exitCodeOfReport } from './exit-codes.ts';
import type { Followed } from './follow.ts';
import { drawScreen } from './view/screen.ts';

/** Says how the following of a run ended, and gives the exit code for it. */
export function conclude(cli: Cli, run: Started, followed: Followed): ExitCode {
  if (followed.how === 'closed') {
    const code = exitCodeOfReport(followed.report);
    cli.result({ ...followed.report, exitCode: code }, finalScreen(cli, followed.report, followed.progress));
    return code;
  }
  const code = followed.how === 'held' ? EXIT.held : EXIT.goesOn;
  const next = [
    `lastgood watch ${run.platform}`,
    ...(followed.progress?.awaiting?.how ?? [`lastgood abort ${run.platform} --reason "why"`]),
  ];
  const { platform, run: id } = run;
  const state = followed.progress?.state ?? 'running';
  cli.result({ platform, run: id, outcome: 'open', state, ended: followed.how, next, exitCode: code }, []);
  if (!cli.json) {
    const why = {
      left: 'Detached.',
      'timed-out': 'The time is up.',
      held: 'It is held, and nobody is here to answer.',
    }[followed.how];
    cli.around.stderr.write(`${why} The run of ${platform} goes on (${id}).\n`);
    cli.around.stderr.write(
      `  come back: ${next[0]}\n${next
        .slice(1)
        .map(line => `  or:        ${line}\n`)
        .join('')}`,
    );
  }
  return code;
}

/** The last picture of a closed run, as lines for standard output. */
export function finalScreen(cli: Cli, report: RunReport, progress: RunProgress | undefined): string[] {
  const { stdout } = cli.around;
  const scene = { progress: finalProgress(report, progress), now: Date.now() };
  return drawScreen(scene, { width: cli.widthOf(stdout), colour: cli.colourOn(stdout) });
}

/** The report has the last word; what no worker could be asked for is left out. */
function finalProgress(report: RunReport, seen: RunProgress = notStarted): RunProgress {
  if (seen.outcome !== undefined || report.outcome === 'open') return seen;
  const { platform, run, outcome, headline, steps, losses, leftBehind, traffic, startedAt, closedAt } = report;
  const request =
    seen.request ??
    ({ platform, release: report.release, requester: report.requester, reason: report.reason } as never);
  const shown = { ...seen, run, request, outcome, headline, steps, losses, leftBehind, traffic, startedAt };
  return { ...shown, state: 'closed', ...(closedAt === undefined ? {} : { closedAt }) };
}
