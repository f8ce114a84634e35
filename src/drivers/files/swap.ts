import { readFile } from 'node:fs/promises';
import type { RunId } from '../../plan/ids.ts';
import type { Evidence } from '../contract.ts';
import { DriverError } from '../errors.ts';
import { attributesOf, type Disk, namesIn, realDisk, unless, writeDurably } from './disk.ts';
import { saying } from './fault.ts';
import { mustHaveNoMounts } from './mounts.ts';
import {
  completeRoom,
  findCompleted,
  isRemoved,
  isThere,
  mustBeDirectories,
  mustHoldNothing,
  openRoom,
  type Room,
  removeRoom,
  roomInside,
} from './room.ts';
import { readSwapJournal, type SwapJournal, writeSwapJournal } from './swap-journal.ts';
import { findTouched, mustBeAsSetAside, setAsideAt } from './touched.ts';
import type { ReadOptions } from './tree-digest.ts';
import { LASTGOOD, within } from './tree-scan.ts';

/**
 * Swapping a tree inside one directory that itself must keep its inode (a volume's mount point, a bind mount).
 * The promise: after a crash at any point, the same verb or the opposite one, called again, comes to its end, and what
 * then stands at the top is wholly the one tree or wholly the other. Nothing may write there meanwhile: engines are down.
 */
export interface Swap {
  readonly root: string;
  readonly run: RunId;
  readonly signal: AbortSignal;
  /** Told while a tree is read: bytes so far. */
  readonly progress?: (bytes: number) => void;
  /** Another than the real one only where crashes are made. */
  readonly disk?: Disk;
}

/** `none`: no room. `unfinished`: staging never came to its end. `between`: a swap was begun and not ended. */
export type Position = 'none' | 'unfinished' | 'before' | 'between' | 'after';

export async function findPosition(swap: Omit<Swap, 'signal'>): Promise<Position> {
  const room = roomInside(swap.root, swap.run);
  return saying(`look into ${room.path}`, async () => {
    await mustBeDirectories(room);
    const journal = await readSwapJournal(room);
    if (journal !== undefined)
      return journal.stage === 'before' || journal.stage === 'after' ? journal.stage : 'between';
    await mustHoldNothing(room);
    if ((await findCompleted(room)) !== undefined) return 'before';
    return (await isRemoved(room)) ? 'none' : 'unfinished';
  });
}

/** The staged tree's digest once it is complete, else undefined. */
export async function findStaged(swap: Omit<Swap, 'signal'>): Promise<string | undefined> {
  const room = roomInside(swap.root, swap.run);
  return saying(`look into ${room.path}`, async () => (await findCompleted(room))?.digest);
}

export const isSwappedIn = async (swap: Omit<Swap, 'signal'>): Promise<boolean> =>
  (await findPosition(swap)) === 'after';

/** Makes `.lastgood/<run>/staged`, empty, and returns it to be filled (`unpackTree`). @throws DriverError conflict when complete already */
export const openStaging = (swap: Swap): Promise<string> =>
  openRoom(roomInside(swap.root, swap.run), swap.signal, swap.disk);

/** Checks what was staged against `expected`, if given, and marks it complete. @returns its digest. @throws DriverError corrupt */
export const completeStaging = (swap: Swap, expected?: string): Promise<string> =>
  completeRoom(
    roomInside(swap.root, swap.run),
    { ...readOptions(swap), ...(expected === undefined ? {} : { expected }) },
    swap.disk,
  );

const readOptions = ({ signal, progress }: Swap): ReadOptions => ({
  signal,
  ...(progress === undefined ? {} : { progress }),
});

/**
 * The release's entries come to the top, the live ones go to `outgoing`; the root takes the staged mode and owner.
 * Nothing happens when it is so. @throws DriverError refused | conflict, before anything moved unless it says otherwise
 */
export async function swapIn(swap: Swap): Promise<void> {
  const room = roomInside(swap.root, swap.run);
  const disk = swap.disk ?? realDisk;
  await saying(`swap in ${swap.root}`, async () => {
    let journal = await begin(swap, room);
    if (journal.stage === 'before') {
      await disk.makeDirectory(room.outgoing);
      journal = { ...journal, outgoing: await attributesOf(swap.root), stage: 'outgoing' };
      await writeSwapJournal(disk, room, journal);
    }
    if (journal.stage === 'outgoing') {
      await moveAll(disk, swap, swap.root, room.outgoing);
      // So that a pack of it is the tree that stood here, whole.
      await disk.setAttributes(room.outgoing, journal.outgoing);
      await writeDurably(disk, room.path, SET_ASIDE, `${await setAsideAt(room)}\n`);
      journal = { ...journal, stage: 'staged' };
      await writeSwapJournal(disk, room, journal);
    }
    if (journal.stage === 'staged') {
      await moveAll(disk, swap, room.staged, swap.root);
      await disk.setAttributes(swap.root, journal.staged);
      await disk.syncDirectory(swap.root);
      await writeSwapJournal(disk, room, { ...journal, stage: 'after' });
    }
  });
}

/** The way back, from wherever the swap stands. What the release wrote meanwhile goes to `staged` with it. */
export async function swapBack(swap: Swap): Promise<void> {
  const room = roomInside(swap.root, swap.run);
  const disk = swap.disk ?? realDisk;
  await saying(`swap back ${swap.root}`, async () => {
    await mustBeDirectories(room);
    let journal = await readSwapJournal(room);
    if (journal === undefined) return;
    if (journal.stage === 'after' || journal.stage === 'staged') await mustBeIntact(room, swap);
    if (journal.stage === 'after') {
      await mustHaveNoMounts(swap.root);
      journal = { ...journal, stage: 'staged' };
      await writeSwapJournal(disk, room, journal);
    }
    if (journal.stage === 'staged') {
      await moveAll(disk, swap, swap.root, room.staged);
      journal = { ...journal, stage: 'outgoing' };
      await writeSwapJournal(disk, room, journal);
    }
    if (journal.stage === 'outgoing') {
      await moveAll(disk, swap, room.outgoing, swap.root);
      await disk.setAttributes(swap.root, journal.outgoing);
      await disk.syncDirectory(swap.root);
      await writeSwapJournal(disk, room, { ...journal, stage: 'before' });
    }
  });
}

const SET_ASIDE = 'set-aside';

/** Before anything moves back: a live tree is better than half of an old one. Nothing is asked where nothing says when. */
async function mustBeIntact(room: Room, swap: Swap): Promise<void> {
  const since = await readFile(`${room.path}/${SET_ASIDE}`, 'utf8').catch(unless('ENOENT'));
  if (since !== undefined) await mustBeAsSetAside(room, since.trim(), swap);
}

/** Whether what was staged is whole and untouched. Reads only what was touched. */
export async function checkStaged(swap: Omit<Swap, 'disk'>): Promise<Evidence> {
  const room = roomInside(swap.root, swap.run);
  const completed = await findStagedAs(swap);
  if (completed === undefined)
    return { verdict: 'failed', reason: `${room.staged}: is gone, or was never staged to its end` };
  const wrong = await saying(`look into ${room.path}`, () => findTouched(room.staged, completed, readOptions(swap)));
  return wrong === undefined
    ? { verdict: 'passed', reason: `${room.staged} is as it was staged` }
    : { verdict: 'failed', reason: `${room.staged} was touched by somebody: ${wrong}` };
}

const findStagedAs = (swap: Omit<Swap, 'signal'>) => findCompleted(roomInside(swap.root, swap.run));

/** Drops the outgoing tree: after it there is no way back. @throws DriverError conflict unless swapped in or settled */
export const settle = (swap: Swap): Promise<void> => remove(swap, 'settle', 'after');

/** Drops the staged tree. @throws DriverError conflict when it is swapped in, or a swap was begun and not ended */
export const drop = (swap: Swap): Promise<void> => remove(swap, 'drop', 'before', 'unfinished');

/** True when nothing of the run is left here: settled, dropped, or never staged. */
export const isCleared = (swap: Omit<Swap, 'signal'>): Promise<boolean> => isRemoved(roomInside(swap.root, swap.run));

async function remove(swap: Swap, verb: string, ...from: readonly Position[]): Promise<void> {
  const room = roomInside(swap.root, swap.run);
  const disk = swap.disk ?? realDisk;
  await saying(`${verb} ${swap.root}`, async () => {
    const position = await findPosition(swap);
    // Without the room itself there is at most the rest of an earlier removal.
    const begun = !(await isThere(room.path));
    if (!begun && !from.includes(position)) {
      throw new DriverError(
        'conflict',
        `${verb} ${swap.root}: expected ${from.join(' or ')} the swap, found ${position}; nothing was changed`,
        {
          next: 'end the swap first, forward or back',
        },
      );
    }
    await removeRoom(room, swap.signal, disk);
    await disk.removeEmpty(room.parent);
    await disk.syncDirectory(swap.root);
  });
}

/** What must hold before anything moves. */
async function begin(swap: Swap, room: Room): Promise<SwapJournal> {
  await mustBeDirectories(room);
  const journal = await readSwapJournal(room);
  if (journal !== undefined && journal.stage !== 'before') return journal;
  const completed = await findCompleted(room);
  if (completed === undefined) {
    throw new DriverError('refused', `swap in ${swap.root}: no tree was staged to its end; nothing was changed`, {
      next: 'stage it first',
    });
  }
  await mustHaveNoMounts(swap.root);
  // Staged long before, or live once: it is the recorded one no more unless it still reads so.
  const wrong = await findTouched(room.staged, completed, readOptions(swap));
  if (wrong !== undefined) {
    throw new DriverError(
      'conflict',
      `swap in ${swap.root}: the staged tree was ${journal === undefined ? 'touched since it was staged' : 'written to while it was live'}: ${wrong}; nothing was changed`,
      { next: 'drop it and stage again', foreign: true },
    );
  }
  return (
    journal ?? {
      version: 1,
      stage: 'before',
      outgoing: await attributesOf(swap.root),
      staged: await attributesOf(room.staged),
    }
  );
}

/** Every entry of `from`, `.lastgood` aside, until none is left, and durably so. */
async function moveAll(disk: Disk, swap: Swap, from: string, to: string): Promise<void> {
  for (;;) {
    const names = (await namesIn(from)).filter(name => from !== swap.root || !name.equals(MINE));
    if (names.length === 0) break;
    for (const name of names) {
      swap.signal.throwIfAborted();
      const target = within(Buffer.from(to), name);
      // A rename would replace it without a word.
      if (await isThere(target)) throw appeared(swap.root, target);
      await disk.rename(within(Buffer.from(from), name), target);
    }
  }
  await disk.syncDirectory(to);
  await disk.syncDirectory(from);
}

const MINE = Buffer.from(LASTGOOD);

const appeared = (root: string, path: Buffer): DriverError =>
  new DriverError(
    'conflict',
    `${path.toString()}: appeared while ${root} was being swapped; the swap stands half done`,
    {
      next: 'move it away, then swap again, forward or back',
    },
  );
