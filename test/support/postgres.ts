import { execFile } from 'node:child_process';
import { chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import pg from 'pg';
import { findFreePort } from '../../testbed/process/free-port.ts';
import { programFrom, versionFolders } from './program.ts';
import { startServer } from './server.ts';

export interface Postgres {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** As its superuser. */
  run(sql: string): Promise<unknown[]>;
}

/** A PostgreSQL server of the test's own, on a free loopback port, with a password. */
export async function startPostgres(t: TestContext): Promise<Postgres> {
  const bin = await findBinaries();
  const uid = await serverUser();
  const root = await mkdtemp(join(tmpdir(), 'lastgood-postgres-'));
  // Ends are run in the order in which they are registered: this one before the server's, which may still write.
  t.after(() => rm(root, { recursive: true, force: true, maxRetries: 10 }));
  if (uid !== undefined) await chown(root, uid, uid);
  const [user, password, database] = ['nexus', 'correct-horse-battery', 'postgres'];
  await writeFile(join(root, 'password'), password, { mode: 0o644 });
  const as = uid === undefined ? {} : { uid, gid: uid };
  const data = join(root, 'data');
  const initdb = [
    '-D',
    data,
    '-U',
    user,
    '-A',
    'scram-sha-256',
    '--pwfile',
    join(root, 'password'),
    '--no-sync',
    '--locale',
    'C',
  ];
  await promisify(execFile)(join(bin, 'initdb'), initdb, { ...as, cwd: root, timeout: 60_000 });
  const port = await findFreePort();
  const settings = [`unix_socket_directories=${root}`, 'listen_addresses=127.0.0.1', 'fsync=off', 'lc_messages=C'];
  await startServer(t, {
    command: join(bin, 'postgres'),
    args: ['-D', data, '-p', String(port), ...settings.flatMap(setting => ['-c', setting])],
    ...(uid === undefined ? {} : { uid }),
    cwd: root,
    ready: /database system is ready to accept connections/,
    stop: 'SIGINT',
  });
  const run = async (sql: string): Promise<unknown[]> => {
    const client = new pg.Client({ host: '127.0.0.1', port, user, password, database });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  };
  return { port, user, password, database, run };
}

async function findBinaries(): Promise<string> {
  const root = '/usr/lib/postgresql';
  const there = (await versionFolders(root))[0];
  if (there !== undefined) return there;
  // Else the package would bring a cluster of its own, and start it.
  await mkdir('/etc/postgresql-common/createcluster.d', { recursive: true });
  await writeFile('/etc/postgresql-common/createcluster.d/lastgood.conf', 'create_main_cluster = false\n');
  const postgres = await programFrom('postgresql', 'postgres', () => versionFolders(root));
  return join(postgres, '..');
}

/** PostgreSQL does not run as root. */
async function serverUser(): Promise<number | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map(line => line.split(':'));
  const nobody = users.find(([name]) => name === 'nobody') ?? [];
  return Number(nobody[2] ?? 65_534);
}
