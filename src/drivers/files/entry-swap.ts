import type { BigIntStats } from 'node:fs';
import { link, lstat, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Call, Evidence } from '../contract.ts';
import { DriverError } from '../errors.ts';
import { realDisk, unless } from './disk.ts';
import type { Place } from './place.ts';
import { findCompleted, isThere, mustBeDirectories, type Room } from './room.ts';
import type { Position } from './swap.ts';
import { treeDigest } from './tree-digest.ts';

/**
 * Swapping one file or link. The outgoing one first gets a second name in the room, then the staged one is renamed over
 * the live name: at no moment is the name without a file. The live name's inode changes, so a container that binds the
 * file itself sees the new one from its next start on; it is down meanwhile, or made again.
 * Where it stands is read from the three names and their inodes alone.
 */
interface Names {
  readonly live: string;
  readonly staged: string;
  readonly outgoing: string;
}

export const namesOf = (place: Place, room: Room): Names => ({
  live: place.path,
  staged: join(room.staged, place.name),
  outgoing: join(room.outgoing, place.name),
});

export async function findEntryPosition(place: Place, room: Room): Promise<Position> {
  await mustBeDirectories(room);
  const names = namesOf(place, room);
  if (!(await isThere(names.outgoing))) {
    if ((await findCompleted(room)) !== undefined) return 'before';
    return (await isThere(room.path)) ? 'unfinished' : 'none';
  }
  return (await isThere(names.staged)) ? 'between' : 'after';
}

/** @throws DriverError refused, conflict */
export async function swapEntryIn(place: Place, room: Room, call: Call): Promise<void> {
  const names = namesOf(place, room);
  await mustBeClear(names);
  if ((await findEntryPosition(place, room)) === 'before') await mustBeAsStaged(names, room, call.signal);
  await call.effect({
    name: 'keep-outgoing',
    isDone: async () => (await isThere(names.outgoing)) || undefined,
    act: async () => {
      await link(names.live, names.outgoing);
      await realDisk.syncDirectory(room.outgoing);
    },
  });
  await call.effect({
    name: 'swap-in',
    isDone: async () =>
      (await isThere(names.outgoing)) && (await isThere(names.live)) ? isGone(names.staged) : undefined,
    act: () => moveOver(names.staged, names.live, room.staged, place.parent),
  });
}

/** @throws DriverError conflict */
export async function swapEntryBack(place: Place, room: Room, call: Call): Promise<void> {
  const names = namesOf(place, room);
  await mustBeClear(names);
  // What the release made of it goes with it, unless the release removed it.
  if (await isThere(names.live)) {
    await call.effect({
      name: 'keep-staged',
      isDone: async () => (await isThere(names.staged)) || undefined,
      act: async () => {
        await link(names.live, names.staged);
        await realDisk.syncDirectory(room.staged);
      },
    });
  }
  await call.effect({
    name: 'swap-back',
    isDone: async () => ((await isThere(names.live)) ? isGone(names.outgoing) : undefined),
    act: () => moveOver(names.outgoing, names.live, room.outgoing, place.parent),
  });
}

const isGone = async (path: string): Promise<true | undefined> => ((await isThere(path)) ? undefined : true);

/** Renaming one name of a file over another name of the same file does nothing: then the first one is removed. */
async function moveOver(from: string, to: string, fromDirectory: string, toDirectory: string): Promise<void> {
  if (isSame(await find(from), await find(to))) await rm(from);
  else await rename(from, to);
  await realDisk.syncDirectory(toDirectory);
  await realDisk.syncDirectory(fromDirectory);
}

/** With all three names there, the live one is either of the others, or somebody wrote in the middle of the swap. */
async function mustBeClear(names: Names): Promise<void> {
  const [live, staged, outgoing] = [await find(names.live), await find(names.staged), await find(names.outgoing)];
  if (live === undefined || staged === undefined || outgoing === undefined) return;
  if (isSame(live, staged) || isSame(live, outgoing)) return;
  throw new DriverError(
    'conflict',
    `files ${names.live}: was replaced by somebody else in the middle of the swap; the swap stands half done`,
    {
      next: `put the right one back by hand: the outgoing one is ${names.outgoing}, the staged one ${names.staged}`,
      foreign: true,
    },
  );
}

export async function checkStagedEntry(place: Place, room: Room, signal: AbortSignal): Promise<Evidence> {
  try {
    await mustBeAsStaged(namesOf(place, room), room, signal);
    return { verdict: 'passed', reason: `${place.path} is staged` };
  } catch (error) {
    if (error instanceof DriverError) return { verdict: 'failed', reason: error.message };
    throw error;
  }
}

async function mustBeAsStaged(names: Names, room: Room, signal: AbortSignal): Promise<void> {
  const completed = await findCompleted(room);
  const digest = (await isThere(names.staged)) ? await treeDigest(names.staged, { signal }) : 'nothing';
  if (completed?.digest === digest) return;
  throw new DriverError(
    'conflict',
    `files ${names.live}: digest ${completed?.digest} was staged, ${digest} found; nothing was changed`,
    {
      next: 'drop it and stage again',
      foreign: true,
    },
  );
}

const find = (path: string): Promise<BigIntStats | undefined> => lstat(path, { bigint: true }).catch(unless('ENOENT'));

const isSame = (one: BigIntStats | undefined, other: BigIntStats | undefined): boolean =>
  one !== undefined && one.dev === other?.dev && one.ino === other.ino;
