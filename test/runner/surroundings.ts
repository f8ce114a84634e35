import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installPackages, whyNoApt } from '../../testbed/docker/apt.ts';
import { connectTo } from '../../testbed/docker/connect.ts';
import { findOrStartEngine } from '../../testbed/docker/find.ts';
import { ensureTinyImages } from '../../testbed/docker/tiny-images.ts';
import { ensurePlatformImages } from '../../testbed/n3xus/images.ts';
import { type Endings, endAll } from '../../testbed/process/endings.ts';
import { findPrograms } from '../../testbed/process/find-program.ts';
import type { Say } from '../../testbed/say.ts';
import { findTemporal } from '../../testbed/temporal/binary.ts';
import { startTemporal } from '../../testbed/temporal/server.ts';
import { inMemory } from '../support/memory.ts';
import { versionFolders } from '../support/program.ts';

/** What a run of tests stands on. */
export interface Surroundings {
  /** What was really used, one line each. */
  readonly used: readonly string[];
  /** Ends and removes what was started. Safe to call twice. */
  end(): Promise<void>;
}

export interface Needs {
  readonly temporal: boolean;
  readonly docker: boolean;
  /** Of the N3XUS platform. */
  readonly images: boolean;
  /** Servers and tools that single tests start by themselves. */
  readonly programs: boolean;
}

/**
 * Brings it up and names it to the tests by LASTGOOD_TEST_TEMPORAL and LASTGOOD_TEST_DOCKER; one that is named already
 * is used. A server is got or built while packages and images are.
 * @throws Error saying what could not be had, and the ways out; what was started by then is ended
 */
export async function bringUp(needs: Needs, say: Say, signal: AbortSignal): Promise<Surroundings> {
  const endings: Endings = [];
  const used: string[] = [];
  const end = (): Promise<void> => endAll(endings);
  const parts = [
    needs.temporal ? upTemporal(say, endings, used, signal) : undefined,
    upEngine(needs, say, endings, used),
  ];
  const settled = await Promise.allSettled(parts);
  const failure = settled.find(part => part.status === 'rejected');
  if (failure === undefined && !signal.aborted) return { used, end };
  await end();
  throw failure?.reason ?? new Error('interrupted');
}

async function upTemporal(say: Say, endings: Endings, used: string[], signal: AbortSignal): Promise<void> {
  const named = process.env['LASTGOOD_TEST_TEMPORAL'];
  if (named) return void used.push(`Temporal server at ${named}, as LASTGOOD_TEST_TEMPORAL says`);
  const { path, version, from } = await findTemporal({ say, signal });
  const directory = await mkdtemp(join(inMemory(), 'lastgood-test-temporal-'));
  endings.push(() => rm(directory, { recursive: true, force: true }));
  const server = await startTemporal({ binary: path, directory, say });
  endings.push(() => server.stop());
  process.env['LASTGOOD_TEST_TEMPORAL'] = server.address;
  used.push(`Temporal CLI ${version} (${from}: ${path}), one server at ${server.address}`);
}

/** The engine, then what is put into it, then what tests start beside it: one after another, for one package manager. */
async function upEngine(needs: Needs, say: Say, endings: Endings, used: string[]): Promise<void> {
  if (needs.docker) {
    const named = process.env['LASTGOOD_TEST_DOCKER'];
    const { client, socket } = named ? { client: connectTo(named), socket: named } : await startEngine(say, endings);
    process.env['LASTGOOD_TEST_DOCKER'] = socket;
    const { Version } = await client.version();
    used.push(`Docker engine ${Version} at ${socket}, ${named ? 'as LASTGOOD_TEST_DOCKER says' : 'private'}`);
    await ensureTinyImages({ client }, { say });
    if (needs.images) await ensurePlatformImages(client, { say });
  }
  if (needs.programs) used.push(...(await installPrograms(say)));
}

async function startEngine(say: Say, endings: Endings): ReturnType<typeof findOrStartEngine> {
  const engine = await findOrStartEngine({ say, privateOnly: true });
  endings.push(() => engine.stop());
  return engine;
}

/** Installed once for all, so that no two tests want the package manager at the same time. */
async function installPrograms(say: Say): Promise<string[]> {
  const missing: string[] = [];
  const postgres = await versionFolders('/usr/lib/postgresql');
  if (postgres.length === 0) missing.push('postgresql');
  if (findPrograms('redis-server').length + findPrograms('redis-check-rdb').length === 0) missing.push('redis-tools');
  if (findPrograms('docker-registry').length === 0) missing.push('docker-registry');
  if (missing.length === 0) return [];
  const why = await whyNoApt();
  if (why !== undefined) throw new Error(`tests need ${missing.join(', ')} (as Debian names them), and ${why}`);
  // Else the package would make a cluster of its own, and start it.
  await mkdir('/etc/postgresql-common/createcluster.d', { recursive: true });
  await writeFile('/etc/postgresql-common/createcluster.d/lastgood.conf', 'create_main_cluster = false\n');
  await installPackages(missing, say);
  return [`installed for the tests: ${missing.join(', ')}`];
}
