import { PassThrough } from 'node:stream';
import type { In, Out } from '../../src/client/cli/cli.ts';
import { runCommandLine } from '../../src/client/cli/run-command-line.ts';

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CallOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What is typed on a terminal. Absent: there is none. */
  readonly typed?: string;
}

/** One call of the command line in this process, on streams of its own; a terminal where something is typed. */
export async function lastgood(args: readonly string[], { env = {}, typed }: CallOptions = {}): Promise<Ended> {
  const terminal = typed !== undefined;
  const stdin = Object.assign(new PassThrough(), { isTTY: terminal }) as In;
  const [stdout, stderr] = [collect(terminal), collect(terminal)];
  if (typed !== undefined) (stdin as PassThrough).end(typed);
  const around = { stdin, stdout: stdout.out, stderr: stderr.out, env: { HOME: '/nowhere', ...env } };
  const code = await runCommandLine(args, around);
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function collect(terminal: boolean): { out: Out; text: () => string } {
  const chunks: Buffer[] = [];
  const out = Object.assign(new PassThrough(), { isTTY: terminal, columns: 80, rows: 40 });
  out.on('data', (chunk: Buffer) => chunks.push(chunk));
  return { out, text: () => Buffer.concat(chunks).toString('utf8') };
}
