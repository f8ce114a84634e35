import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { lastLines } from '../testbed/process/run.ts';
import { endingWithUs } from '../testbed/process/with-us.ts';

/** One line that a command printed, with its time, ms of the monotonic clock. */
export interface Said {
  readonly at: number;
  readonly line: string;
}

export interface Ran {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly said: readonly Said[];
}

/**
 * Runs what is measured as a user would, in a process group of its own, and times it from its start to its end.
 * @throws Error with the last that it said unless it ends with 0; when `signal` is aborted the group is killed
 */
export async function runTimed(
  [program = '', ...args]: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): Promise<Ran> {
  options.signal.throwIfAborted();
  const said: Said[] = [];
  const startedAt = performance.now();
  const { command, args: all } = endingWithUs(program, args);
  const env = options.env ?? process.env;
  const child = spawn(command, all, { stdio: ['ignore', 'pipe', 'pipe'], env, detached: true });
  const end = (): void => killGroup(child);
  options.signal.addEventListener('abort', end, { once: true });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.split('\n')) if (line !== '') said.push({ at: performance.now(), line });
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  options.signal.removeEventListener('abort', end);
  const endedAt = performance.now();
  options.signal.throwIfAborted();
  if (code === 0) return { startedAt, endedAt, said };
  const text = said.map(({ line }) => line).join('\n');
  throw new Error(`${program} ${args.slice(0, 2).join(' ')} ended with ${code}:\n${lastLines(text, 25)}`);
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It had ended meanwhile.
  }
}
