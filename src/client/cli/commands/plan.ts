import type { Command } from 'commander';
import { dataChoice, oneOf, platformName, rows } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import { lookAhead } from '../look-ahead.ts';
import type { Commands } from '../program.ts';
import { type AskedFor, requestFor } from '../rollback-request.ts';
import { cliOf, withServer } from '../session.ts';
import { painter } from '../view/paint.ts';
import { drawPlan } from '../view/plan-page.ts';

/** `lastgood plan <platform>`: what a run would do, from the live state. Changes nothing. */
export function addPlan({ program, around, finish }: Commands): void {
  program
    .command('plan')
    .description('look at the platform and say what a run would do; changes nothing')
    .argument('<platform>', 'as its plan names it', platformName)
    .option('--release <id>', 'the release to go back to; without it the newest good one that is not running')
    .option('--data <target=choice>', 'restore or keep a store, against the plan (again for each)', dataChoice)
    .option('--accept-loss <rows>', 'the most rows that may be lost', rows)
    .option(
      '--severity <P0..P3>',
      'whose approvals the run would ask for (default: P2)',
      oneOf(['P0', 'P1', 'P2', 'P3']),
    )
    .option('--full', 'unchanged targets too')
    .option('--detailed-exitcode', 'exit 3 when there are changes')
    .action(async (platform: string, options: AskedFor & PlanOptions, command: Command) => {
      const cli = cliOf(command, around);
      const request = await requestFor(platform, options);
      cli.say(`looking at ${platform} …`);
      const { outline, result } = await withServer(cli, at => lookAhead(at, request));
      const sheet = { paint: painter(cli.colourOn(around.stdout)), width: cli.widthOf(around.stdout) };
      const next = nextOf(platform, options, outline.hash);
      const changes = outline.changes.some(change => change.change === 'changed' || change.change === 'restored');
      cli.result(
        { platform, release: outline.release, runHash: outline.hash, changes, outline, notes: result, next },
        drawPlan({ outline, result, next, full: options.full === true }, sheet),
      );
      if (options.detailedExitcode === true && changes) finish(EXIT.changes);
    });
}

interface PlanOptions {
  readonly full?: boolean;
  readonly detailedExitcode?: boolean;
}

/** The command that runs exactly what was shown. */
function nextOf(platform: string, asked: AskedFor, hash: string): string {
  return [
    `lastgood run ${platform}`,
    ...(asked.release === undefined ? [] : [`--release ${asked.release}`]),
    ...Object.entries(asked.data ?? {}).map(([target, choice]) => `--data ${target}=${choice}`),
    ...(asked.acceptLoss === undefined ? [] : [`--accept-loss ${asked.acceptLoss}`]),
    ...(asked.severity === undefined ? [] : [`--severity ${asked.severity}`]),
    `--expect ${hash.slice(0, 12)}`,
  ].join(' ');
}
