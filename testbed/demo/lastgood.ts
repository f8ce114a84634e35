import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WORKER_FLAGS, workerEnv } from '../../src/client/worker-flags.ts';
import { GiveUp, poll } from '../process/poll.ts';
import { lastLines } from '../process/run.ts';
import { endingWithUs } from '../process/with-us.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Where its programs are: in the sources, which Node runs as they are, or as `npm run build` leaves them. */
const PROGRAMS = {
  sources: { cli: join(ROOT, 'src/client/cli/main.ts'), worker: join(ROOT, 'src/worker/main.ts') },
  built: { cli: join(ROOT, 'dist/src/client/cli/main.js'), worker: join(ROOT, 'dist/src/worker/main.js') },
} as const;

/** The command line and one worker, as a user runs them, told by their environment where things are. */
export interface Lastgood {
  readonly env: NodeJS.ProcessEnv;
  /** The command's file, for Node. */
  readonly cli: string;
  /** Runs a command in the foreground, its output on this terminal. @returns its exit code */
  show(...args: string[]): Promise<number>;
  /** @returns what it printed. @throws Error unless it exits with 0 */
  ask(...args: string[]): Promise<string>;
  /** Resolves once it serves. */
  startWorker(): Promise<ChildProcess>;
  stopWorker(): Promise<void>;
}

export interface LastgoodOptions {
  readonly address: string;
  readonly state: string;
  readonly plans: string;
  readonly from: keyof typeof PROGRAMS;
}

export function createLastgood({ address, state, plans, from }: LastgoodOptions): Lastgood {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: 'default',
    LASTGOOD_STATE: state,
    LASTGOOD_PLANS: plans,
  };
  const { cli, worker: main } = PROGRAMS[from];
  let worker: ChildProcess | undefined;

  return {
    env,
    cli,
    async show(...args) {
      const child = spawn(process.execPath, [cli, ...args], { stdio: ['ignore', 'inherit', 'inherit'], env });
      const [code] = (await once(child, 'exit')) as [number | null];
      return code ?? 1;
    },
    async ask(...args) {
      const child = spawn(process.execPath, [cli, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env });
      const said: Buffer[] = [];
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk));
      const [code] = (await once(child, 'close')) as [number | null];
      const text = Buffer.concat(said).toString();
      if (code !== 0) throw new Error(`lastgood ${args.join(' ')} ended with ${code}:\n${text}`);
      return text;
    },
    async startWorker() {
      await mkdir(state, { recursive: true, mode: 0o700 });
      const log = join(state, 'worker.log');
      const out = openSync(log, 'a', 0o600);
      // A group of its own: Ctrl-C in the terminal is for the demo, which stops the worker in good order.
      const { command, args } = endingWithUs(process.execPath, [...WORKER_FLAGS, main]);
      const child = spawn(command, args, { stdio: ['ignore', out, out, 'ipc'], env: workerEnv(env), detached: true });
      worker = child;
      let serving = false;
      child.on('message', () => {
        serving = true;
      });
      await poll({ what: 'the worker to serve', deadlineMs: 30_000 }, async () => {
        if (child.exitCode !== null)
          throw new GiveUp(`the worker ended with ${child.exitCode}: ${lastLines(await readFile(log, 'utf8'), 10)}`);
        return serving;
      });
      return child;
    },
    async stopWorker() {
      const child = worker;
      worker = undefined;
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 15_000);
      await once(child, 'exit');
      clearTimeout(late);
    },
  };
}
