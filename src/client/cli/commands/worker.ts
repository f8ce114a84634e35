import { spawn } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WORKER_FLAGS, workerEnv } from '../../worker-flags.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Commands } from '../program.ts';

/** `lastgood worker`: the worker, in the foreground, by the same Node. Its signals and its exit code are passed through. */
export function addWorker({ program, around, finish }: Commands): void {
  program
    .command('worker')
    .description('run a worker here, where the engine can be reached; in the foreground')
    .argument('[arguments...]', 'handed on to the worker')
    .allowUnknownOption()
    .action(async (args: string[]) => {
      finish((await runWorker(args, around.env)) as ExitCode);
    });
}

function runWorker(args: readonly string[], env: Commands['around']['env']): Promise<number> {
  const here = fileURLToPath(import.meta.url);
  const main = fileURLToPath(new URL(`../../../worker/main${extname(here)}`, import.meta.url));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv, ...WORKER_FLAGS, main, ...args], {
      stdio: 'inherit',
      env: workerEnv(env),
    });
    const pass = (signal: NodeJS.Signals): void => {
      // A terminal's Ctrl-C reaches the whole group: told twice, a worker would give up its good order.
      if (signal !== 'SIGINT' || process.stdin.isTTY !== true) child.kill(signal);
    };
    const signals: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, pass);
    const settle = (): void => {
      for (const signal of signals) process.off(signal, pass);
    };
    child.once('error', error => {
      settle();
      reject(new Error(`the worker cannot be started: ${error.message}`, { cause: error }));
    });
    child.once('close', (code, signal) => {
      settle();
      resolve(code ?? (signal === null ? 1 : 128 + (SIGNAL_NUMBERS[signal] ?? 0)));
    });
  });
}

const SIGNAL_NUMBERS: Partial<Record<NodeJS.Signals, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };
