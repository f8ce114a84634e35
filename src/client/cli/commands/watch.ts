import type { Command } from 'commander';
import { rollbackId } from '../../../workflows/messages.ts';
import type { Reached } from '../../connection.ts';
import type { FoundRun } from '../../find-run.ts';
import { Refusal } from '../../refusal.ts';
import { platformName, timeSpan } from '../arguments.ts';
import { conclude } from '../conclude.ts';
import { follow } from '../follow.ts';
import type { Commands } from '../program.ts';
import { cliOf, loadRuns, withServer } from '../session.ts';

/** `lastgood watch [platform]`: a viewer; leaving it never stops the run. */
export function addWatch({ program, around, finish }: Commands): void {
  program
    .command('watch')
    .description("follow a run to its end and exit with its outcome's code; Ctrl-C leaves and the run goes on")
    .argument('[platform]', 'without it, the one open run', platformName)
    .option('--run <id>', 'that run, not the newest')
    .option('--timeout <time>', 'stop waiting after this, as 30m; the run goes on (exit 8)', timeSpan)
    .action(async (platform: string | undefined, options: { run?: string; timeout?: number }, command: Command) => {
      const cli = cliOf(command, around);
      await withServer(cli, async at => {
        const found = platform === undefined ? await theOpenRun(at) : await findOrRefuse(at, platform, options.run);
        if (found.status === 'gone') throw (await loadRuns()).leftBehind(found);
        const run = { platform: found.platform, workflowId: rollbackId(found.platform), run: found.run };
        finish(conclude(cli, run, await follow(cli, at, run, { timeoutMs: options.timeout })));
      });
    });
}

/** @throws Refusal no-run */
export async function findOrRefuse(at: Reached, platform: string, run: string | undefined): Promise<FoundRun> {
  const { findRun } = await loadRuns();
  const found = await findRun(at, platform, run);
  if (found !== undefined) return found;
  throw new Refusal('no-run', `there is no run of ${platform}${run === undefined ? '' : ` with the id ${run}`}`, {
    next: [`what one would do: lastgood plan ${platform}`],
  });
}

async function theOpenRun(at: Reached): Promise<FoundRun> {
  const { openRuns } = await loadRuns();
  const open = await openRuns(at);
  const [only] = open;
  if (only !== undefined && open.length === 1) return only;
  if (only === undefined)
    throw new Refusal('no-run', 'no run is open', { next: ['see the last one: lastgood watch <platform>'] });
  throw new Refusal('usage', `${open.length} runs are open: ${open.map(run => run.platform).join(', ')}`, {
    next: ['name the platform: lastgood watch <platform>'],
  });
}
