import { Command, Option } from 'commander';
import type { Surroundings } from './cli.ts';
import { addMessages } from './commands/messages.ts';
import { addPlan } from './commands/plan.ts';
import { addRelease } from './commands/release.ts';
import { addReport } from './commands/report.ts';
import { addRun } from './commands/run.ts';
import { addSetup } from './commands/setup.ts';
import { addStatus } from './commands/status.ts';
import { addValidate } from './commands/validate.ts';
import { addWatch } from './commands/watch.ts';
import { addWorker } from './commands/worker.ts';
import { EXIT_CODES, type ExitCode } from './exit-codes.ts';

/** Where a command leaves its exit code. */
export type Finish = (code: ExitCode) => void;
/** What every command is added with. */
export interface Commands {
  readonly program: Command;
  readonly around: Surroundings;
  readonly finish: Finish;
}

const VERSION = '0.1.0';

/** The whole command line. Nothing of Temporal is loaded until a command needs it. */
export function createProgram(around: Surroundings, json: boolean, finish: Finish): Command {
  const program = new Command('lastgood')
    .description('Puts a running platform back to its last good release: all of it, or none of it.')
    .version(VERSION)
    .addOption(new Option('-o, --output <format>', 'what is printed').choices(['text', 'json']).default('text'))
    .option('--no-color', 'no colours (NO_COLOR and pipes are obeyed too)')
    .option('-q, --quiet', 'results and errors only')
    .helpCommand('help [command]', 'show what a command takes')
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({
      writeOut: text => void around.stdout.write(text),
      writeErr: text => void (json ? undefined : around.stderr.write(text)),
      // The caller prints every error, in the format asked for.
      outputError: () => undefined,
      getOutHelpWidth: () => Math.min(around.stdout.columns ?? 80, 100),
    })
    .addHelpText('after', exitCodeHelp());
  const commands: Commands = { program, around, finish };
  for (const add of [
    addValidate,
    addPlan,
    addRun,
    addWatch,
    addStatus,
    addMessages,
    addReport,
    addRelease,
    addSetup,
    addWorker,
  ]) {
    add(commands);
  }
  return program;
}

const exitCodeHelp = (): string =>
  ['', 'Exit codes:', ...EXIT_CODES.map(([code, meaning]) => `  ${code}  ${meaning}`)].join('\n');
