import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type PlatformName, type RunId, shortRun } from '../../src/plan/ids.ts';
import { createFileLedger } from '../../src/releases/file-ledger.ts';
import { loadKey } from '../../src/releases/key.ts';
import { createDirectorySnapshotStore } from '../../src/snapshots/directory-store.ts';
import type { CaptureEvidence, EngineEvent } from '../checker/evidence.ts';

/** Where a worker keeps its ledger, and where its plan keeps snapshots. */
export interface Keeping {
  readonly platform: string;
  readonly state: string;
  readonly snapshots: string;
}

/** The tree of one target that one run replaced: a container has an id of its own. */
export const treeOf = (target: string, run: string): string => `${target} as ${shortRun(run as RunId)} found it`;

/**
 * Everything that is captured, read again from the disk: what the ledger recorded, body by body, and what the snapshot
 * store holds, byte by byte. What cannot be read is told as not read back.
 */
export async function capturesOn(keeping: Keeping): Promise<readonly CaptureEvidence[]> {
  return [...(await recordedOn(keeping)), ...(await snapshotsOn(keeping))];
}

async function recordedOn({ platform, state }: Keeping): Promise<CaptureEvidence[]> {
  const name = platform as PlatformName;
  const key = await loadKey(join(state, 'key'));
  const ledger = createFileLedger({ directory: join(state, 'releases'), key, now: () => new Date() });
  const found: CaptureEvidence[] = [];
  for (const { id, recordedAt: at, targets } of await ledger.list(name)) {
    for (const { target, identity, version } of targets) {
      // Of a live volume the ledger says how it was made, and holds no byte of it.
      if (version === '') continue;
      const readBack = await isWhole(() => ledger.load(name, id, target));
      const objects = [identity, ...(id.startsWith('before:') ? [`${target} as ${id.slice(7)} found it`] : [])];
      found.push(...objects.map(object => ({ target, object, at, hashed: true, readBack })));
    }
  }
  return found;
}

async function snapshotsOn({ platform, snapshots: directory }: Keeping): Promise<CaptureEvidence[]> {
  const store = createDirectorySnapshotStore({ directory });
  const { snapshots } = await store.list(platform as PlatformName);
  const found: CaptureEvidence[] = [];
  for (const { id, takenAt: at, artifacts, notes, run } of snapshots) {
    const readBack = await isWhole(async () => (await store.open(id)).verify('raw', new AbortController().signal));
    const isOutgoing = notes.includes(`what run ${run} replaced`);
    const object = (target: string) => (isOutgoing ? { object: treeOf(target, run) } : {});
    found.push(...artifacts.map(({ name: target }) => ({ target, ...object(target), at, hashed: true, readBack })));
  }
  return found;
}

const isWhole = (look: () => Promise<unknown>): Promise<boolean> =>
  look().then(
    () => true,
    () => false,
  );

/** A tree that a run replaced and keeps for its undo, inside the directory that it was taken from. */
export interface Room {
  readonly target: string;
  readonly run: string;
}

/** @param places target -> its directory */
export const roomsIn = (places: Readonly<Record<string, string>>): readonly Room[] =>
  Object.entries(places).flatMap(([target, place]) =>
    namesIn(join(place, '.lastgood')).flatMap(run =>
      namesIn(join(place, '.lastgood', run, 'outgoing')).length > 0 ? [{ target, run }] : [],
    ),
  );

/** Rooms that stood and stand no more, told as the engine would tell of a container. */
export const roomsGone = (before: readonly Room[], now: readonly Room[], at: string): EngineEvent[] =>
  before
    .filter(({ target, run }) => !now.some(room => room.target === target && room.run === run))
    .map(({ target, run }) => ({ at, target, action: 'clear', destroys: true, object: treeOf(target, run) }));

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
