import { lstat, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { systemPath } from '../process/find-program.ts';
import { takeLock } from '../process/lock.ts';
import { poll } from '../process/poll.ts';
import { run } from '../process/run.ts';
import { startOf } from '../process/start-of.ts';
import type { Say } from '../say.ts';
import { type Bridge, findBridges, removeBridge } from './bridge.ts';
import { removeRules } from './firewall.ts';

/** Sockets and run-time state lie here: a socket's path may have 107 bytes, and a test's directory is often longer. */
export const RUN_ROOT = '/run/lastgood';
/** Held while an engine starts, which takes all rules away for a moment and puts back those that it saw, and while an engine's are removed. */
export const STARTING = join(RUN_ROOT, 'starting.lock');

/** What a private engine has on this machine, kept in its run directory so that a later process can clear it away. */
export interface EngineRecord {
  readonly run: string;
  readonly data: string;
  /** Whether the data stays when the engine goes. */
  readonly keep: boolean;
  readonly bridge: Bridge;
  /** The process that started it, told apart from a later one of the same pid by its start time. */
  readonly owner: { readonly pid: number; readonly started: string };
}

const PROGRAMS = new Set(['dockerd', 'containerd', 'containerd-shim-runc-v2', 'docker-proxy']);

/** Ends and removes all that is left of an engine: processes, mounts, bridges, rules, files. Safe to repeat. */
export async function removeRemains(record: EngineRecord): Promise<void> {
  // The containers' first processes before the shims: a container outlives the shim that minds it.
  await endAll(async () => findContainerPids(record.run));
  await endAll(async () => findPids(record));
  await unmountBelow([record.run, record.data]);
  const bridges = await findBridges(record.bridge);
  const release = await takeLock(STARTING);
  try {
    await removeRules(bridges.length > 0 ? bridges : [record.bridge.name], record.bridge.prefix);
  } finally {
    await release();
  }
  for (const bridge of bridges) await removeBridge(bridge);
  if (!record.keep) await rm(record.data, { recursive: true, force: true });
  await rm(record.run, { recursive: true, force: true });
}

/** Clears away the engines whose starter died without stopping them. One sweeper at a time, in this process and in any other. */
export async function sweepAbandoned(say: Say): Promise<void> {
  await mkdir(RUN_ROOT, { recursive: true, mode: 0o711 });
  const release = await takeLock(join(RUN_ROOT, 'sweeping.lock'));
  try {
    for (const name of await readdir(RUN_ROOT)) {
      const record = await readRecord(join(RUN_ROOT, name));
      if (record === undefined || (await startOf(record.owner.pid)) === record.owner.started) continue;
      say(`clearing away the private engine ${name}, whose starter (pid ${record.owner.pid}) is gone`);
      await removeRemains(record);
    }
  } finally {
    await release();
  }
}

export async function ourselves(): Promise<EngineRecord['owner']> {
  return { pid: process.pid, started: (await startOf(process.pid)) ?? '' };
}

/** Beside it first: a reader never sees half a record. */
export async function writeRecord(record: EngineRecord): Promise<void> {
  const file = join(record.run, 'engine.json');
  await writeFile(`${file}.${process.pid}`, JSON.stringify(record));
  await rename(`${file}.${process.pid}`, file);
}

export async function readRecord(directory: string): Promise<EngineRecord | undefined> {
  const text = await readFile(join(directory, 'engine.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as EngineRecord);
}

async function findContainerPids(runDirectory: string): Promise<number[]> {
  const tasks = join(runDirectory, 'containerd', 'io.containerd.runtime.v2.task', 'moby');
  const pids: number[] = [];
  for (const id of await readdir(tasks).catch(() => [])) {
    const pid = Number(await readFile(join(tasks, id, 'init.pid'), 'utf8').catch(() => ''));
    // A pid read from a file may have passed to somebody else: the container's id stands in its own cgroup's name.
    if (pid > 0 && (await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '')).includes(id)) pids.push(pid);
  }
  return pids;
}

async function findPids(record: EngineRecord): Promise<number[]> {
  const pids: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const words = (await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '')).split('\0');
    if (!PROGRAMS.has(basename(words[0] ?? ''))) continue;
    if (words.some(word => word.includes(`${record.run}/`) || word.startsWith(record.bridge.prefix)))
      pids.push(Number(entry));
  }
  return pids;
}

async function endAll(find: () => Promise<number[]>): Promise<void> {
  await poll({ what: 'the processes of a private engine to end', deadlineMs: 20_000 }, async () => {
    const pids = await find();
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone between the look and the signal.
      }
    }
    return pids.length === 0;
  });
}

async function unmountBelow(directories: readonly string[]): Promise<void> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  const points = lines.map(line => line.split(' ')[4]?.replaceAll('\\040', ' ') ?? '');
  const ours = points.filter(point => directories.some(folder => point === folder || point.startsWith(`${folder}/`)));
  // The latest mount first: it may lie on an earlier one.
  for (const point of ours.reverse()) {
    const options = { deadlineMs: 10_000, env: { ...process.env, PATH: systemPath() } };
    const done = await run('umount', [point], options);
    if (done.code !== 0 && (await lstat(point).catch(() => undefined)) !== undefined)
      await run('umount', ['--lazy', point], options);
  }
}
