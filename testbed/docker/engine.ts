import { createHash } from 'node:crypto';
import { mkdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import Docker from 'dockerode';
import { type Daemon, startDaemon } from '../process/daemon.ts';
import { takeLock } from '../process/lock.ts';
import { GiveUp, poll } from '../process/poll.ts';
import type { Say } from '../say.ts';
import { findEngineBinaries } from './binaries.ts';
import { type Bridge, claimBridge } from './bridge.ts';
import { describeContainerd, describeDockerd, type EnginePlace, socketOf } from './daemons.ts';
import { keepRulesOfOthers } from './firewall.ts';
import {
  type EngineRecord,
  ourselves,
  RUN_ROOT,
  readRecord,
  removeRemains,
  STARTING,
  sweepAbandoned,
  writeRecord,
} from './remains.ts';
import { removeContainers } from './remove-containers.ts';

/** A Docker engine of our own, beside the machine's own if it has one, that a test may kill. */
export interface PrivateEngine {
  /** `unix:///run/lastgood/…/docker.sock`, as DOCKER_HOST takes it. */
  readonly socket: string;
  /** The same without its scheme. */
  readonly socketPath: string;
  readonly client: Docker;
  /** Of dockerd; another after each start. */
  pid(): number;
  /** SIGKILL to dockerd alone: its containers go on, minded by containerd. */
  kill(): Promise<void>;
  /** Starts dockerd again after `kill`. Nothing happens when it runs. Containers with policy `always` are then up. */
  start(): Promise<void>;
  /** Ends and removes everything: containers, networks, processes, mounts, bridge, rules, data. Its logs stay. */
  stop(): Promise<void>;
}

export interface PrivateEngineOptions {
  /** For its data and logs; made when missing. One engine at a time runs from it. */
  readonly directory: string;
  readonly say: Say;
  /** Leaves images and volumes in `directory` when it stops, for the next start from there. Containers never stay. */
  readonly keep?: boolean;
}

/** @throws Error when it is not root on Linux, a part is missing, or the engine did not come up (with its log's tail) */
export async function startPrivateEngine({ directory, say, keep }: PrivateEngineOptions): Promise<PrivateEngine> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    throw new Error('a private Docker engine needs root on Linux: run as root, or set DOCKER_HOST to a running engine');
  const binaries = await findEngineBinaries();
  if ('missing' in binaries)
    throw new Error(`a private Docker engine cannot start:\n  ${binaries.missing.join('\n  ')}\ninstall docker.io`);
  await sweepAbandoned(say);
  await mkdir(directory, { recursive: true });
  const place = await claimPlace(await realpath(directory));
  const record: EngineRecord = {
    run: place.run,
    data: place.data,
    keep: keep === true,
    bridge: place.bridge,
    owner: await ourselves(),
  };
  const socketPath = socketOf(place.run);
  const client = new Docker({ socketPath });
  let containerd: Daemon | undefined;
  let dockerd: Daemon | undefined;

  const start = async (): Promise<void> => {
    if (dockerd?.running() === true) return;
    await rm(join(place.run, 'docker.pid'), { force: true });
    // One at a time: two that start together would each take the other's new rules for nobody's.
    const release = await takeLock(STARTING);
    try {
      await keepRulesOfOthers(async () => {
        dockerd = await startDaemon(await describeDockerd(binaries, place));
        await waitUntilUp(socketPath, dockerd);
      });
    } finally {
      await release();
    }
  };
  let stopped = false;
  const stop = async (): Promise<void> => {
    // Once: what was its range of addresses may be another engine's by the second time.
    if (stopped) return;
    stopped = true;
    if (containerd?.running() === true) {
      // A dockerd that was killed is brought up once more: it knows its containers, networks and rules best.
      await start().catch(() => undefined);
      await removeObjects(new Docker({ socketPath, timeout: 20_000 })).catch(() => undefined);
    }
    await dockerd?.stop(20_000);
    await containerd?.stop(10_000);
    await removeRemains(record);
  };
  try {
    await writeRecord(record);
    containerd = await startDaemon(await describeContainerd(binaries, place));
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  say(`private Docker engine ${binaries.version} at unix://${socketPath} (data and logs in ${place.directory})`);
  return {
    socket: `unix://${socketPath}`,
    socketPath,
    client,
    pid: () => (dockerd as Daemon).pid,
    start,
    stop,
    kill: async () => dockerd?.kill(),
  };
}

/** The run directory is named for `directory`, and making it is the claim. */
async function claimPlace(directory: string): Promise<EnginePlace> {
  const run = join(RUN_ROOT, createHash('sha256').update(directory).digest('hex').slice(0, 10));
  await mkdir(RUN_ROOT, { recursive: true, mode: 0o711 });
  try {
    await mkdir(run, { mode: 0o711 });
  } catch (error) {
    const owner = (await readRecord(run))?.owner.pid ?? 'unknown';
    throw new Error(
      `${directory}: a private Docker engine already runs from here, started by pid ${owner}: use another directory, or end that process (if it is gone, remove ${run})`,
      { cause: error },
    );
  }
  let bridge: Bridge;
  try {
    bridge = await claimBridge();
  } catch (error) {
    await rm(run, { recursive: true, force: true });
    throw error;
  }
  return { run, directory, data: join(directory, 'data'), bridge };
}

async function waitUntilUp(socketPath: string, dockerd: Daemon): Promise<void> {
  const asker = new Docker({ socketPath, timeout: 5_000 });
  try {
    await poll({ what: 'dockerd to answer', deadlineMs: 60_000, everyMs: 30 }, async () => {
      if (!dockerd.running()) throw new GiveUp('dockerd ended as it started');
      await asker.ping();
      return true;
    });
  } catch (error) {
    throw new Error(
      `the private Docker engine did not come up: ${(error as Error).message}\nits log:\n${dockerd.tail()}`,
      { cause: error },
    );
  }
}

async function removeObjects(client: Docker): Promise<void> {
  const containers = await client.listContainers({ all: true });
  await removeContainers(client, containers);
  await client.pruneNetworks();
}
