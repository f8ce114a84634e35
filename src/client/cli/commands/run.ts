import { type Command, Option } from 'commander';
import type { RollbackRequest } from '../../../plan/rollback-request.ts';
import type { Reached } from '../../connection.ts';
import { Refusal } from '../../refusal.ts';
import { dataChoice, oneOf, platformName, rows, timeSpan } from '../arguments.ts';
import type { Cli } from '../cli.ts';
import { conclude } from '../conclude.ts';
import { requireConsent } from '../consent.ts';
import { follow } from '../follow.ts';
import { lookAhead } from '../look-ahead.ts';
import type { Commands } from '../program.ts';
import { type AskedFor, requestFor } from '../rollback-request.ts';
import { cliOf, loadRuns, withServer } from '../session.ts';
import { painter } from '../view/paint.ts';
import { drawPlan } from '../view/plan-page.ts';

interface RunOptions extends AskedFor {
  readonly expect?: string;
  readonly takeOver?: string;
  readonly consent?: string;
  readonly detach?: boolean;
  readonly timeout?: number;
}

/** `lastgood run <platform>`: starts a rollback and follows it to its end. */
export function addRun({ program, around, finish }: Commands): void {
  program
    .command('run')
    .description('roll the platform back, and follow it to its end; Ctrl-C leaves and the run goes on')
    .argument('<platform>', 'as its plan names it', platformName)
    .option('--release <id>', 'the release to go back to; without it the newest good one that is not running')
    .option('--data <target=choice>', 'restore or keep a store, against the plan (again for each)', dataChoice)
    .option('--accept-loss <rows>', 'the most rows that may be lost', rows)
    .option('--severity <P0..P3>', 'which approvals are asked for (default: P2)', oneOf(['P0', 'P1', 'P2', 'P3']))
    .addOption(
      new Option('--mode <mode>', 'manual or emergency (default: manual)').argParser(
        oneOf(['manual', 'emergency', 'automatic']),
      ),
    )
    .option('--reason <why>', 'kept in the journal and the report')
    .option('--requester <name>', 'who asks (default: you@this-host)')
    .option('--expect <hash>', 'run only what `lastgood plan` showed: 8 or more characters of its run hash')
    .option('--take-over <run>', 'finish what a run whose workflow is gone left on the engine')
    .option('--consent <platform>', "instead of typing the platform's name")
    .option('--detach', 'start it and leave')
    .option('--timeout <time>', 'stop waiting after this, as 30m; the run goes on (exit 8)', timeSpan)
    .action(async (platform: string, options: RunOptions, command: Command) => {
      const cli = cliOf(command, around);
      const asked = await requestFor(
        platform,
        options,
        options.takeOver === undefined ? {} : { takeOver: options.takeOver },
      );
      // Where nobody can be asked, the consent must be there before anything else is done.
      if (options.consent !== undefined || !cli.attended) await requireConsent(cli, platform, options.consent);
      await withServer(cli, async at => {
        const { requireNoOpenRun, startRollback } = await loadRuns();
        await requireNoOpenRun(at, platform);
        const { request, host } = await prepare(cli, at, asked, options);
        const started = await startRollback(at, request, host);
        cli.say(`started: ${started.workflowId}, run ${started.run}`);
        if (options.detach === true) {
          const next = `lastgood watch ${platform}`;
          return cli.result({ ...started, outcome: 'open', next: [next] }, [
            `${started.run} goes on. Watch it: ${next}`,
          ]);
        }
        const followed = await follow(cli, at, started, { timeoutMs: options.timeout });
        finish(conclude(cli, started, followed));
      });
    });
}

/** Shows what would run and asks for consent; what was looked at is then the only thing that runs. */
async function prepare(
  cli: Cli,
  at: Reached,
  asked: RollbackRequest,
  options: RunOptions,
): Promise<{ request: RollbackRequest; host?: string }> {
  const { platform } = asked;
  if (options.takeOver !== undefined || (options.consent !== undefined && options.expect === undefined)) {
    if (options.consent === undefined) await requireConsent(cli, platform, undefined);
    return { request: asked };
  }
  cli.say(`looking at ${platform} …`);
  const { outline, result } = await lookAhead(at, asked);
  requireExpected(platform, options.expect, outline.hash);
  if (options.consent === undefined) {
    const { stderr } = cli.around;
    const sheet = { paint: painter(cli.colourOn(stderr)), width: cli.widthOf(stderr) };
    stderr.write(`${drawPlan({ outline, result, full: false }, sheet).join('\n')}\n\n`);
    await requireConsent(cli, platform, undefined);
  }
  return { request: { ...asked, expect: outline.hash }, host: outline.host };
}

function requireExpected(platform: string, expected: string | undefined, found: string): void {
  if (expected === undefined || (expected.length >= 8 && found.startsWith(expected.toLowerCase()))) return;
  if (expected.length < 8) {
    throw new Refusal('usage', `--expect ${expected}: at least 8 characters of the run hash are expected`);
  }
  throw new Refusal(
    'refused',
    `run hash ${expected} was expected, ${found.slice(0, 12)} was found: the platform or the plan has moved since; nothing was started`,
    {
      next: [`lastgood plan ${platform}`],
    },
  );
}
