import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { poll } from './poll.ts';
import { lastLines } from './run.ts';
import { endingWithUs } from './with-us.ts';

/** A server that we started, and end by its pid. */
export interface Daemon {
  readonly pid: number;
  running(): boolean;
  /** SIGTERM, then SIGKILL at the deadline. Nothing happens when it has ended. */
  stop(deadlineMs: number): Promise<void>;
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
  /** The last lines of its log, for an error message. */
  tail(): string;
}

export interface DaemonSpec {
  readonly command: string;
  readonly args: readonly string[];
  /** Its output is appended here. */
  readonly log: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/**
 * Starts a server in a process group of its own: Ctrl-C in the terminal reaches us alone, who stop it in good order.
 * @throws Error when the program cannot be started
 */
export async function startDaemon(spec: DaemonSpec): Promise<Daemon> {
  const log = openSync(spec.log, 'a', 0o600);
  const { command, args } = endingWithUs(spec.command, spec.args);
  const child = spawn(command, args, {
    stdio: ['ignore', log, log],
    detached: true,
    env: spec.env ?? process.env,
    cwd: spec.cwd,
  });
  closeSync(log);
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', error => reject(new Error(`${spec.command}: cannot be started: ${error.message}`)));
  });
  child.unref();
  const pid = child.pid as number;
  const running = (): boolean => child.exitCode === null && child.signalCode === null;
  const gone = (deadlineMs: number): Promise<unknown> =>
    poll({ what: `${basename(spec.command)} (pid ${pid}) to end`, deadlineMs, everyMs: 20 }, () => !running());
  const kill = async (): Promise<void> => {
    if (running()) child.kill('SIGKILL');
    await gone(10_000);
  };
  return {
    pid,
    running,
    kill,
    async stop(deadlineMs) {
      if (!running()) return;
      child.kill('SIGTERM');
      await gone(deadlineMs).catch(kill);
    },
    tail: () => readTail(spec.log),
  };
}

/** The last 15 lines of a log, or a note that there is none. */
export function readTail(log: string): string {
  try {
    return lastLines(readFileSync(log, 'utf8'), 15) || `(${log} is empty)`;
  } catch {
    return `(${log} cannot be read)`;
  }
}
