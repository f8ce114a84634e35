import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

/** Somebody else's program that wants a port, and gets it as soon as whoever has it lets go. */
export interface Stranger {
  leave(): Promise<void>;
}

/** In a thread of its own: a test's is busy, and the port is free for a moment only. Resolves once it has the port. */
export async function takePort(port: number, host = '127.0.0.1'): Promise<Stranger> {
  const thread = new Worker(join(import.meta.dirname, 'stranger-thread.ts'), { workerData: { port, host } });
  const leave = async (): Promise<void> => void (await thread.terminate());
  try {
    await once(thread, 'message', { signal: AbortSignal.timeout(60_000) });
  } catch (cause) {
    await leave();
    throw new Error(`port ${port} of ${host} was not to be had within 60 s`, { cause });
  }
  return { leave };
}
