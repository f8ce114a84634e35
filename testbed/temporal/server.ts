import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { accepts } from '../process/accepts.ts';
import { type Daemon, startDaemon } from '../process/daemon.ts';
import { findFreePort } from '../process/free-port.ts';
import { GiveUp, poll } from '../process/poll.ts';
import type { Say } from '../say.ts';
import { serverArguments } from './flags.ts';

/** A Temporal server of our own, with its state in a file, that a test may kill. */
export interface TemporalServer {
  /** `127.0.0.1:27233`; the same after each start. */
  readonly address: string;
  /** Undefined when it was started without the Web UI. */
  readonly uiUrl: string | undefined;
  readonly namespace: string;
  /** Ends it in good order. Its state stays in its directory. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** After `stop` or `kill`: on the same ports, with the state it had. Nothing happens when it runs. */
  start(): Promise<void>;
}

export interface StartTemporalOptions {
  /** Of the Temporal CLI, as `findTemporal` gives it. */
  readonly binary: string;
  /** For its state and its log; made when missing. One server at a time. */
  readonly directory: string;
  readonly say: Say;
  readonly port?: number;
  /** Whether it has the Web UI, on a port of its own. Not by default. */
  readonly ui?: boolean;
}

/** Always there. */
const NAMESPACE = 'default';

/** @throws Error when the server did not come up, with the tail of its log */
export async function startTemporal(options: StartTemporalOptions): Promise<TemporalServer> {
  const { binary, directory, say } = options;
  await mkdir(directory, { recursive: true });
  const port = options.port ?? (await findFreePort());
  const uiPort = options.ui === true ? await findFreePort() : undefined;
  const address = `127.0.0.1:${port}`;
  const args = serverArguments({ database: join(directory, 'temporal.db'), port, uiPort });
  let daemon: Daemon | undefined;
  const start = async (): Promise<void> => {
    if (daemon?.running() === true) return;
    // Whoever answers there would be taken for the server that we start.
    if (await accepts(port))
      throw new Error(`the Temporal server cannot start: ${address} is another program's already`);
    const log = join(directory, 'temporal.log');
    daemon = await startDaemon({ command: binary, args, log, env: environment(directory) });
    await waitUntilServing(port, daemon);
  };
  await start();
  const uiUrl = uiPort === undefined ? undefined : `http://127.0.0.1:${uiPort}`;
  say(
    `Temporal server at ${address}${uiUrl === undefined ? '' : `, Web UI at ${uiUrl}`} (state and log in ${directory})`,
  );
  return {
    address,
    uiUrl,
    namespace: NAMESPACE,
    start,
    kill: async () => daemon?.kill(),
    stop: async () => daemon?.stop(10_000),
  };
}

/** The caller's own Temporal settings name another server, and would steer this one. */
function environment(home: string): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_'));
  return { ...Object.fromEntries(others), HOME: home };
}

async function waitUntilServing(port: number, daemon: Daemon): Promise<void> {
  try {
    await poll({ what: 'the Temporal server to serve', deadlineMs: 60_000 }, async () => {
      if (!daemon.running()) throw new GiveUp('it ended as it started');
      // A client that is refused waits a second before it tries again: it asks when the port is open.
      return (await accepts(port)) && isServing(`127.0.0.1:${port}`);
    });
  } catch (error) {
    await daemon.stop(2_000);
    const why = (error as Error).message;
    throw new Error(`the Temporal server did not come up: ${why}\nits log:\n${daemon.tail()}`, { cause: error });
  }
}

/** Serving is not enough: a client's first call needs the namespace. */
async function isServing(address: string): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: 1_000 });
  try {
    await connection.withDeadline(Date.now() + 2_000, async () => {
      await connection.workflowService.describeNamespace({ namespace: NAMESPACE });
    });
    return true;
  } finally {
    await connection.close();
  }
}
