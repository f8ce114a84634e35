import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Runtime } from '@temporalio/worker';
import { findTemporal } from '../../testbed/temporal/binary.ts';
import { startTemporal } from '../../testbed/temporal/server.ts';
import { inMemory } from './memory.ts';

export interface TestTemporal {
  readonly address: string;
  readonly client: Client;
  readonly native: NativeConnection;
}

/** A Temporal server for one test file: the suite's, when one was started for all, else its own. Called at the file's top level, where `after` is the file's end. */
export async function useTemporal(): Promise<TestTemporal> {
  const shared = process.env['LASTGOOD_TEST_TEMPORAL'];
  const temporal = await connect(shared ?? (await startOwn()));
  after(temporal.close);
  return temporal;
}

/** For a process that is no test file, and closes it itself. */
export async function connect(address: string): Promise<TestTemporal & { close(): Promise<void> }> {
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });
  const close = async (): Promise<void> => {
    await native.close();
    await connection.close();
  };
  return { address, client: new Client({ connection }), native, close };
}

async function startOwn(): Promise<string> {
  const directory = await mkdtemp(join(inMemory(), 'lg-temporal-'));
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const { path } = await findTemporal({ say });
  const server = await startTemporal({ binary: path, directory, say });
  after(async () => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  });
  return server.address;
}

const nothing = (): void => undefined;
Runtime.install({
  logger: {
    log: nothing,
    trace: nothing,
    debug: nothing,
    info: nothing,
    warn: nothing,
    error: (...said) => console.error(...said),
  },
});
