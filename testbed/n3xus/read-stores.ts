import type { Readable } from 'node:stream';
import { PassThrough } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import type Docker from 'dockerode';
import { poll } from '../process/poll.ts';
import { SERVICE_DATA } from './images.ts';

/** One charge as a store holds it. Cents. */
export interface Row {
  readonly id: string;
  readonly amount: number;
  readonly fee: number;
}

export interface Stores {
  readonly postgres: readonly Row[];
  readonly ledgerJournal: readonly Row[];
  readonly walletJournal: readonly Row[];
}

/**
 * What PostgreSQL and the two journals hold, read past the services: PostgreSQL must run, the others need not.
 * @throws Error when one cannot be read
 */
export async function readStores(engine: Docker): Promise<Stores> {
  const [postgres, ledgerJournal, walletJournal] = await Promise.all([
    readPostgres(engine),
    readJournal(engine, 'ledger-mgr'),
    readJournal(engine, 'wallet-ms'),
  ]);
  return { postgres, ledgerJournal, walletJournal };
}

async function readPostgres(engine: Docker): Promise<Row[]> {
  const query = 'select id, amount, fee from charges order by at';
  const exec = await engine.getContainer('postgres').exec({
    Cmd: ['psql', '-U', 'nexus', '-d', 'nexus', '-v', 'ON_ERROR_STOP=1', '-At', '-F', ',', '-c', query],
    AttachStdout: true,
    AttachStderr: true,
  });
  const stream = await exec.start({});
  const [out, error] = [new PassThrough(), new PassThrough()];
  engine.modem.demuxStream(stream, out, error);
  stream.on('end', () => {
    out.end();
    error.end();
  });
  const [rows, complaint] = await Promise.all([text(out), text(error)]);
  const { ExitCode } = await exec.inspect();
  if (complaint.includes('relation "charges" does not exist')) return [];
  if (ExitCode !== 0) throw new Error(`psql in postgres ended with ${ExitCode}: ${complaint.trim()}`);
  return rows
    .split('\n')
    .filter(line => line !== '')
    .map(line => {
      const [id = '', amount, fee] = line.split(',');
      return { id, amount: Number(amount), fee: Number(fee) };
    });
}

/** Read as a file of the volume, so that a service that does not run is no hindrance. */
async function readJournal(engine: Docker, service: string): Promise<Row[]> {
  const path = `${SERVICE_DATA}/journal.log`;
  // A file that grows while the engine packs it breaks the packing off: it is asked for again.
  const file = await poll({ what: `the journal of ${service}`, deadlineMs: 10_000 }, async () =>
    onlyFile(await buffer((await engine.getContainer(service).getArchive({ path })) as Readable)),
  );
  const lines = file.toString('utf8').split('\n');
  // A line without its end was never acknowledged.
  return lines.slice(0, -1).map(line => JSON.parse(line) as Row);
}

/** The content of the one file in a tar. */
function onlyFile(tar: Buffer): Buffer {
  const size = Number.parseInt(tar.toString('latin1', 124, 136), 8);
  if (!Number.isSafeInteger(size) || tar.length < 512 + size) throw new Error('the engine sent half a file');
  return tar.subarray(512, 512 + size);
}
