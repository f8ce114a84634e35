import type { Command } from 'commander';
import type { Confirm, Decide, MessageName, Said } from '../../../workflows/messages.ts';
import { oneOf, platformName, whoever } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import type { Commands } from '../program.ts';
import { cliOf, loadRuns, withServer } from '../session.ts';

const PLAIN: readonly (readonly [MessageName, string])[] = [
  ['deny', 'refuse the run before the freeze: nothing is touched'],
  ['pause', 'let the run stop before its next step'],
  ['resume', 'let a paused run go on'],
  ['abort', 'before traffic opens: undo everything'],
  ['acknowledge', 'somebody is on it: the escalation stops climbing'],
];

interface SaidOptions {
  readonly by?: string;
  readonly reason?: string;
  readonly run?: string;
}

/** What an open run can be told. It answers whether that counts; what does not count exits 5. */
export function addMessages(commands: Commands): void {
  addTold(commands, 'confirm', 'approve the run, by its hash', command =>
    command.requiredOption('--hash <hash>', '8 or more characters of the run hash'),
  );
  for (const [name, what] of PLAIN) addTold(commands, name, what, command => command);
  const { program } = commands;
  const decide = told(program, 'decide', 'answer a held run').argument(
    '<answer>',
    'retry, revert or handover',
    oneOf(['retry', 'revert', 'handover']),
  );
  decide.action((platform: string, answer: Decide['decide'], options: SaidOptions, command: Command) =>
    say(commands, command, platform, 'decide', { ...saidBy(options), decide: answer }, options.run),
  );
}

function addTold(commands: Commands, name: MessageName, what: string, more: (command: Command) => Command): void {
  more(told(commands.program, name, what)).action(
    (platform: string, options: SaidOptions & { hash?: string }, command: Command) => {
      const hash = options.hash === undefined ? {} : { hash: options.hash };
      return say(commands, command, platform, name, { ...saidBy(options), ...hash }, options.run);
    },
  );
}

const told = (program: Command, name: string, what: string): Command =>
  program
    .command(name)
    .description(what)
    .argument('<platform>', 'whose open run is meant', platformName)
    .option('--reason <why>', 'kept in the journal and the report')
    .option('--by <name>', 'who says it (default: you@this-host); unverified')
    .option('--run <id>', 'that run and no other');

const saidBy = (options: SaidOptions): Said => ({ by: options.by ?? whoever(), reason: options.reason ?? '' });

async function say(
  { around, finish }: Commands,
  command: Command,
  platform: string,
  name: MessageName,
  said: Said | Confirm | Decide,
  run: string | undefined,
): Promise<void> {
  const cli = cliOf(command, around);
  const { send } = await loadRuns();
  const sent = await withServer(cli, at => send(at, platform, name, said, run));
  const counted = sent.heeded?.counted;
  const verdict = counted === undefined ? 'left with the server' : counted ? 'counted' : 'not counted';
  const document = { platform, message: name, ...said, counted: counted ?? null, why: sent.why };
  cli.result(document, [`${name} ${verdict}: ${sent.why}`]);
  if (counted === false) finish(EXIT.refused);
}
