import { lstat, readFile } from 'node:fs/promises';
import type { RunId } from '../../plan/ids.ts';
import { DriverError } from '../errors.ts';
import { type Disk, namesIn, type Path, realDisk, unless, writeDurably } from './disk.ts';
import { saying } from './fault.ts';
import { nextTick, treeStamp } from './touched.ts';
import { type ReadOptions, treeDigest } from './tree-digest.ts';
import { LASTGOOD } from './tree-scan.ts';

/**
 * A run's own place beside what it will replace, on the same filesystem so that everything moves by rename.
 * `staged` is the release's tree, `outgoing` what stood there, `complete.json` says that staging came to its end.
 */
export interface Room {
  /** What holds the room, and is flushed when the room comes or goes. */
  readonly parent: string;
  readonly path: string;
  readonly staged: string;
  readonly outgoing: string;
}

/** Written last by staging. Without it `staged` is a part of something, and is never swapped in. */
export interface Completed {
  readonly version: 1;
  /** `treeDigest` of what was staged. */
  readonly digest: string;
  /** `treeStamp` of it, from before it was read: while that stands nobody touched it. */
  readonly stamp?: string;
}

const RUN = /^[A-Za-z0-9][A-Za-z0-9_-]{0,79}$/;
const MARKER = 'complete.json';

/** The room of `run` inside the directory `root`. @throws DriverError refused when the id could lead elsewhere */
export function roomInside(root: string, run: RunId): Room {
  return roomAt(`${root}/${LASTGOOD}`, checkedRun(run));
}

export function roomAt(parent: string, name: string): Room {
  const path = `${parent}/${name}`;
  return { parent, path, staged: `${path}/staged`, outgoing: `${path}/outgoing` };
}

export function checkedRun(run: RunId): string {
  if (RUN.test(run)) return run;
  throw new DriverError('refused', `run ${JSON.stringify(run)}: expected 1 to 80 letters, digits, - or _`);
}

/** What settle and drop rename a room to before they remove it, so that no half-removed room is ever taken for one. */
export const gone = (room: Room): string => `${room.path}.gone`;

/**
 * Makes the room with an empty `staged`, dropping the part that an earlier try left. Returns the directory to fill.
 * @throws DriverError conflict when it is already complete, or when something else stands in the room's place
 */
export function openRoom(room: Room, signal: AbortSignal, disk: Disk = realDisk): Promise<string> {
  return saying(`stage in ${room.path}`, async () => {
    await mustBeDirectories(room);
    if ((await findCompleted(room)) !== undefined) {
      throw new DriverError('conflict', `${room.staged}: staged already; nothing was changed`, {
        next: 'drop it first',
      });
    }
    await mustHoldNothing(room);
    await disk.remove(room.path, signal);
    await disk.makeDirectory(room.parent);
    await disk.makeDirectory(room.path);
    await disk.makeDirectory(room.staged);
    return room.staged;
  });
}

/**
 * Reads the staged tree and writes the marker. The tree must be flushed already (`unpackTree` does).
 * @returns its digest. @throws DriverError corrupt when it is not `expected`
 */
export function completeRoom(
  room: Room,
  options: ReadOptions & { readonly expected?: string; readonly tree?: string },
  disk: Disk = realDisk,
): Promise<string> {
  const tree = options.tree ?? room.staged;
  return saying(`stage in ${room.path}`, async () => {
    await nextTick(room.path);
    const stamp = await treeStamp(tree, options);
    const digest = await treeDigest(tree, options);
    if (options.expected !== undefined && digest !== options.expected) {
      throw new DriverError(
        'corrupt',
        `${tree}: staged tree is not the recorded one, digest ${options.expected} expected, ${digest} found; the live tree was not changed`,
        { next: 'drop it and stage again; if it stays so, choose another release' },
      );
    }
    const completed: Completed = { version: 1, digest, stamp };
    await writeDurably(disk, room.path, MARKER, `${JSON.stringify(completed)}\n`);
    await disk.syncDirectory(room.parent);
    return digest;
  });
}

/** The marker, or undefined when nothing was staged to its end. @throws DriverError corrupt */
export async function findCompleted(room: Room): Promise<Completed | undefined> {
  const text = await readFile(`${room.path}/${MARKER}`, 'utf8').catch(unless('ENOENT', 'ENOTDIR'));
  if (text === undefined) return undefined;
  try {
    const completed = JSON.parse(text) as Completed;
    if (completed.version === 1 && typeof completed.digest === 'string') return completed;
  } catch {
    // Said below.
  }
  throw new DriverError(
    'corrupt',
    `${room.path}/${MARKER}: cannot be read; the live tree was not changed by this look`,
    {
      next: 'look at it by hand: the run cannot tell what lies in this room',
    },
  );
}

/** Without marker and journal, what lies in `outgoing` may be the only copy of the live tree. @throws DriverError corrupt */
export async function mustHoldNothing(room: Room): Promise<void> {
  if ((await namesIn(room.outgoing)).length === 0) return;
  throw new DriverError(
    'corrupt',
    `${room.outgoing}: holds outgoing entries, and what says so is gone; nothing was changed`,
    {
      next: 'put them back by hand, then remove the room',
    },
  );
}

/** A link in the room's path, planted by whoever may write there, would lead a privileged worker out of the tree. */
export async function mustBeDirectories(room: Room): Promise<void> {
  for (const path of [room.parent, room.path, room.staged, room.outgoing]) {
    const stats = await lstat(path).catch(unless('ENOENT'));
    if (stats === undefined || stats.isDirectory()) continue;
    throw new DriverError(
      'conflict',
      `${path}: expected a directory of lastgood's own, found something else; nothing was changed`,
      {
        next: `remove ${path}`,
      },
    );
  }
}

/** Removes the room in a way that a crash cannot leave half a room behind. The caller has judged that it may go. */
export async function removeRoom(room: Room, signal: AbortSignal, disk: Disk = realDisk): Promise<void> {
  const old = gone(room);
  if (await isThere(room.path)) {
    await disk.remove(old, signal);
    await disk.rename(room.path, old);
    await disk.syncDirectory(room.parent);
  }
  await disk.remove(old, signal);
}

/** True when neither the room nor what is left of it is there. */
export async function isRemoved(room: Room): Promise<boolean> {
  return !(await isThere(room.path)) && !(await isThere(gone(room)));
}

export async function isThere(path: Path): Promise<boolean> {
  return (await lstat(path).catch(unless('ENOENT', 'ENOTDIR'))) !== undefined;
}
