import { CommanderError } from 'commander';
import { Refusal } from '../refusal.ts';
import type { Surroundings } from './cli.ts';
import { EXIT, type ExitCode, exitCodeOfRefusal } from './exit-codes.ts';
import { createProgram } from './program.ts';
import { painter, plain } from './view/paint.ts';

/** Runs one command line to its end; never throws. */
export async function runCommandLine(argv: readonly string[], around: Surroundings): Promise<ExitCode> {
  // A mistake in the arguments is told before they are parsed, so the format is looked for by hand.
  const json = wantsJson(argv);
  let code: ExitCode = EXIT.done;
  const finish = (ended: ExitCode): void => {
    code = ended;
  };
  try {
    await createProgram(around, json, finish).parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    const failure = failureOf(error);
    if (json) around.stdout.write(`${JSON.stringify({ schemaVersion: 1, error: failure }, undefined, 2)}\n`);
    else around.stderr.write(`${linesOf(failure, around).join('\n')}\n`);
    return failure.exitCode;
  }
}

/** An error as it is printed, in text and in JSON. */
interface Failure {
  readonly kind: string;
  readonly message: string;
  readonly changed: 'no' | 'unknown';
  readonly next: readonly string[];
  readonly exitCode: ExitCode;
}

function failureOf(error: unknown): Failure {
  if (error instanceof Refusal) {
    const { kind, message, changed, next } = error;
    return { kind, message: plain(message), changed, next, exitCode: exitCodeOfRefusal(kind) };
  }
  if (error instanceof CommanderError) {
    const [first = '', ...hints] = error.message.replace(/^error: /, '').split('\n');
    return {
      kind: 'usage',
      message: [first, ...hints].join(' '),
      changed: 'no',
      next: ['lastgood --help'],
      exitCode: EXIT.usage,
    };
  }
  const message = plain(error instanceof Error ? error.message : String(error));
  return {
    kind: 'unexpected',
    message: message === '' ? 'an error without a message' : message,
    changed: 'unknown',
    next: ['this is a fault of lastgood or of its surroundings; a run goes on without this command: lastgood status'],
    exitCode: EXIT.unexpected,
  };
}

function linesOf(failure: Failure, around: Surroundings): string[] {
  const colour = around.stderr.isTTY === true && around.env['NO_COLOR'] === undefined;
  const paint = painter(colour);
  const about = failure.kind === 'usage' ? [] : [`  changed: ${failure.changed === 'no' ? 'nothing' : 'not known'}`];
  return [`${paint('red', 'error:')} ${failure.message}`, ...about, ...failure.next.map(next => `  next: ${next}`)];
}

const wantsJson = (argv: readonly string[]): boolean =>
  argv.some(
    (word, index) =>
      word === '-ojson' ||
      word === '--output=json' ||
      ((word === '-o' || word === '--output') && argv[index + 1] === 'json'),
  );
