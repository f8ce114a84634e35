import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { DriverError } from '../errors.ts';

/** The only programs that this folder runs. */
export type ToolName = 'tar' | 'sync' | 'rm';

export interface Tool {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Resolves at exit code 0. @throws DriverError with the tail of what it said */
  readonly ended: Promise<void>;
  /** Kills its whole process group, and returns once it is gone. Safe to call at any time. */
  stop(): Promise<void>;
}

const TAIL = 600;

/** Starts `name` in its own process group; `doing` begins every error of it; an aborted `signal` kills it. Arguments go as they are: there is no shell. */
export function startTool(doing: string, name: ToolName, args: readonly string[], signal: AbortSignal): Tool {
  signal.throwIfAborted();
  const child = spawn(name, args, {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    // Nothing is inherited: TAR_OPTIONS or a locale would change what is written and what is said.
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' },
  });
  const kill = () => killGroup(child);
  signal.addEventListener('abort', kill, { once: true });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-TAIL);
  });
  // A child that left early is judged by its exit code; what was still being written to it is not an error by itself.
  child.stdin.on('error', () => {});
  const ended = new Promise<void>((resolve, reject) => {
    child.on('error', cause => reject(cannotStart(doing, name, cause)));
    child.on('close', (code, killedBy) => {
      signal.removeEventListener('abort', kill);
      if (code === 0) return resolve();
      if (signal.aborted) return reject(new DriverError('unavailable', `${doing}: cancelled`));
      reject(exited(doing, name, code === null ? `was killed by ${killedBy}` : `exited with ${code}`, said));
    });
  });
  ended.catch(() => {});
  const stop = async () => {
    kill();
    await ended.catch(() => {});
  };
  return { stdin: child.stdin, stdout: child.stdout, ended, stop };
}

/** Runs it to its end. @throws DriverError */
export async function runTool(
  doing: string,
  name: ToolName,
  args: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const tool = startTool(doing, name, args, signal);
  tool.stdin.end();
  tool.stdout.resume();
  await tool.ended;
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It ended between the look and the kill.
  }
}

function cannotStart(doing: string, name: ToolName, cause: Error): DriverError {
  return new DriverError('refused', `${doing}: ${name} cannot be started: ${cause.message}`, {
    cause,
    next: `install GNU ${name === 'tar' ? 'tar' : 'coreutils'} on the worker's host`,
  });
}

function exited(doing: string, name: ToolName, how: string, said: string): DriverError {
  const tail = said.trim().replaceAll(/\s*\n\s*/g, ' | ');
  const full = /No space left on device|Disk quota exceeded/.test(said);
  const changed = /file changed as we read it|File removed before we read it/.test(said);
  return new DriverError(
    full ? 'refused' : changed ? 'conflict' : 'unavailable',
    `${doing}: ${name} ${how}${tail === '' ? '' : `: ${tail}`}`,
    full ? { next: 'free some space on that filesystem, then try again' } : {},
  );
}
