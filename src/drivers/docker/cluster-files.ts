import { lstat, readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { DriverError } from '../errors.ts';

/** PostgreSQL's own numbers for what a cluster was doing when its control file was last written. */
const STATES = [
  'starting up',
  'shut down',
  'shut down in recovery',
  'shutting down',
  'in crash recovery',
  'in archive recovery',
  'in production',
];
const SHUT_DOWN = 1;
const STATE_AT = 16;
/** `pgdata`, `15/main`: how deep below a volume's top a cluster may lie. */
const DEPTH = 2;

export interface ClusterFiles {
  /** `15`. */
  readonly major: string;
}

/**
 * The PostgreSQL cluster under `root`, shut down cleanly and whole in itself.
 * @param whose the volume, for messages
 * @throws refused when it is not: a copy of it would be a crash's, or lack what lies elsewhere
 */
export async function readClusterFiles(root: string, whose: string): Promise<ClusterFiles> {
  const directory = await findCluster(root, DEPTH);
  if (directory === undefined)
    throw new DriverError(
      'refused',
      `${whose} holds no PostgreSQL cluster: no global/pg_control within ${DEPTH} directories`,
      {
        next: 'Correct what the plan says that it holds.',
      },
    );
  const control = await readFile(join(directory, 'global/pg_control'));
  const state = control.length >= STATE_AT + 4 ? control.readInt32LE(STATE_AT) : -1;
  if (state !== SHUT_DOWN)
    throw new DriverError(
      'refused',
      `${whose}: expected PostgreSQL shut down cleanly, its control file says ${STATES[state] ?? `state ${state}`}`,
      { next: 'Start it, let it recover, and stop it with SIGINT (fast shutdown); then try again.' },
    );
  const elsewhere = await linksOut(directory);
  if (elsewhere.length > 0)
    throw new DriverError(
      'refused',
      `${whose}: ${elsewhere.map(path => relative(root, path)).join(', ')} lies elsewhere`,
      {
        next: 'A cluster whose log or tablespaces are outside the volume cannot be captured as files.',
      },
    );
  return { major: (await readFile(join(directory, 'PG_VERSION'), 'utf8')).trim() };
}

/** `15` of the cluster under `root`, whatever it is doing; undefined when there is none, or it does not say. */
export async function findMajor(root: string): Promise<string | undefined> {
  try {
    const directory = await findCluster(root, DEPTH);
    if (directory === undefined) return undefined;
    const major = (await readFile(join(directory, 'PG_VERSION'), 'utf8')).trim();
    return /^\d+(\.\d+)?$/.test(major) ? major : undefined;
  } catch {
    return undefined;
  }
}

async function findCluster(directory: string, depth: number): Promise<string | undefined> {
  if (await isThere(join(directory, 'global/pg_control'))) return directory;
  if (depth === 0) return undefined;
  const entries = await readdir(directory, { withFileTypes: true });
  for (const entry of entries.filter(one => one.isDirectory() && one.name !== '.lastgood')) {
    const found = await findCluster(join(directory, entry.name), depth - 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The write-ahead log and tablespaces may be links to other places. */
async function linksOut(directory: string): Promise<string[]> {
  const spaces = await readdir(join(directory, 'pg_tblspc')).catch(() => []);
  const paths = [join(directory, 'pg_wal'), ...spaces.map(name => join(directory, 'pg_tblspc', name))];
  const links = await Promise.all(
    paths.map(async path => ((await lstat(path).catch(() => undefined))?.isSymbolicLink() ? [path] : [])),
  );
  return links.flat();
}

const isThere = async (path: string): Promise<boolean> => (await lstat(path).catch(() => undefined)) !== undefined;
