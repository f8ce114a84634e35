import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workerEnv } from '../../src/client/worker-flags.ts';
import { GiveUp, poll } from '../../testbed/process/poll.ts';
import { lastLines } from '../../testbed/process/run.ts';
import { endingWithUs } from '../../testbed/process/with-us.ts';

/** Its grace, and what then is still answered and read back, on a machine that is busy. */
const OBEYS_WITHIN_MS = 40_000;
const MAIN = join(import.meta.dirname, '../../src/worker/main.ts');

/**
 * What `lastgood worker` starts, as a process of its own, so that it can be killed. Without the flags that keep it small
 * (the demo and the bench have them): with five of them side by side a third of their time would go into collecting garbage.
 */
export interface WorkerProcess {
  /** Resolves once it serves. */
  start(): Promise<void>;
  /** SIGSTOP: it is there and does nothing, until `goOn`. */
  freeze(): void;
  /** SIGCONT: it goes on where it was, and knows nothing of the time between. */
  goOn(): void;
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
  /**
   * In good order. Nothing happens when it does not run. @throws Error when it once ended by itself, saying how
   * @returns how it ended: its exit code, or the signal that it died of
   */
  stop(): Promise<number | NodeJS.Signals | undefined>;
  log(): string;
}

export function createWorkerProcess(env: NodeJS.ProcessEnv, state: string): WorkerProcess {
  const log = join(state, 'worker.log');
  let child: ChildProcess | undefined;
  const asked = new WeakSet<ChildProcess>();
  let ended: string | undefined;
  const isUp = (): boolean => child !== undefined && child.exitCode === null && child.signalCode === null;
  const end = async (signal: NodeJS.Signals): Promise<number | NodeJS.Signals | undefined> => {
    if (child === undefined || !isUp()) return undefined;
    const gone = once(child, 'exit');
    asked.add(child);
    child.kill(signal);
    const late = setTimeout(() => child?.kill('SIGKILL'), OBEYS_WITHIN_MS);
    const [code, of] = (await gone) as [number | null, NodeJS.Signals | null];
    clearTimeout(late);
    return code ?? of ?? undefined;
  };
  return {
    async start() {
      mkdirSync(state, { recursive: true, mode: 0o700 });
      const out = openSync(log, 'a', 0o600);
      const { command, args } = endingWithUs(process.execPath, [MAIN]);
      const started = spawn(command, args, { stdio: ['ignore', out, out, 'ipc'], env: workerEnv(env) });
      child = started;
      started.once('exit', (code, signal) => {
        if (asked.has(started)) return;
        ended = `the worker ended by itself (${code ?? signal}): ${lastLines(readFileSync(log, 'utf8'), 30)}`;
        process.stderr.write(`# ${ended}\n`);
      });
      let serving = false;
      started.on('message', () => {
        serving = true;
      });
      await poll({ what: 'the worker to serve', deadlineMs: 60_000, everyMs: 20 }, () => {
        if (!isUp()) throw new GiveUp(`the worker ended: ${lastLines(readFileSync(log, 'utf8'), 10)}`);
        return serving;
      });
      started.disconnect();
    },
    freeze: () => void child?.kill('SIGSTOP'),
    goOn: () => void child?.kill('SIGCONT'),
    kill: async () => void (await end('SIGKILL')),
    async stop() {
      const how = await end('SIGTERM');
      if (ended !== undefined) throw new Error(ended);
      return how;
    },
    log: () => readFileSync(log, 'utf8'),
  };
}
