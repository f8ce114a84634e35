import { type ChildProcess, spawn } from 'node:child_process';
import type { TestContext } from 'node:test';
import { GiveUp, poll } from '../../testbed/process/poll.ts';

export interface ServerSpec {
  readonly command: string;
  readonly args: readonly string[];
  /** What the program is told that it is called, when its work depends on that. */
  readonly argv0?: string;
  readonly uid?: number;
  readonly cwd: string;
  /** The line with which it says that it serves. */
  readonly ready: RegExp;
  readonly stop: NodeJS.Signals;
}

/** Starts a server, waits until it says that it serves, and ends it with the test. @throws Error with what it wrote */
export async function startServer(t: TestContext, spec: ServerSpec): Promise<ChildProcess> {
  const { command, args, argv0, uid, cwd, ready, stop } = spec;
  const user = uid === undefined ? {} : { uid, gid: uid };
  const child = spawn(command, args, {
    ...(argv0 === undefined ? {} : { argv0 }),
    ...user,
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', chunk => (output = `${output}${chunk}`.slice(-20_000)));
  const ended = new Promise<void>(resolve => child.once('close', () => resolve()));
  child.once('error', error => (output += error.message));
  t.after(async () => {
    const force = setTimeout(() => child.kill('SIGKILL'), 10_000);
    child.kill(stop);
    await ended;
    clearTimeout(force);
  });
  await poll({ what: `${command} to serve`, deadlineMs: 30_000, everyMs: 20 }, () => {
    if (child.exitCode !== null || child.pid === undefined)
      throw new GiveUp(`${command} ended with ${child.exitCode}:\n${output}`);
    return ready.test(output);
  });
  return child;
}
