import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { type RunId, shortRun } from '../../plan/ids.ts';
import type { FilesTarget } from '../../plan/plan.ts';
import { DriverError } from '../errors.ts';
import { checkedRun, isRemoved, type Room, roomAt, roomInside } from './room.ts';

/** A directory keeps its inode and swaps what is in it; a file or a link is replaced as one entry of its parent. */
export type Shape = 'directory' | 'entry';

export interface Place {
  /** Links above the last name resolved, the last one kept: a link is a target by itself. */
  readonly path: string;
  readonly parent: string;
  readonly name: string;
  readonly shape: Shape;
}

/** Where the target stands now. @throws DriverError refused; and the system's ENOENT */
export async function placeOf(target: FilesTarget): Promise<Place> {
  const { path, parent, name } = await pathOf(target);
  const stats = await lstat(path);
  if (stats.isDirectory()) return { path, parent, name, shape: 'directory' };
  if (stats.isFile() || stats.isSymbolicLink()) return { path, parent, name, shape: 'entry' };
  throw new DriverError('refused', `files ${path}: neither a file, a directory nor a link; nothing was changed`);
}

/** As placeOf, for a run that may have staged: its room tells the shape even when the release removed the target. */
export async function placeDuring(run: RunId, target: FilesTarget): Promise<Place> {
  const entry: Place = { ...(await pathOf(target)), shape: 'entry' };
  return (await isRemoved(roomOf(entry, run))) ? placeOf(target) : entry;
}

async function pathOf(target: FilesTarget): Promise<Omit<Place, 'shape'>> {
  const wanted = target.path.replace(/\/+$/, '');
  const name = basename(wanted);
  if (!isAbsolute(wanted) || name === '' || name === '..' || name === '.') {
    throw new DriverError(
      'refused',
      `files ${target.path}: expected an absolute path to a file or a directory; nothing was changed`,
    );
  }
  const parent = await realpath(dirname(wanted));
  return { path: join(parent, name), parent, name };
}

/** Inside a directory; beside a file, under a hidden name that no `*.conf` finds. */
export function roomOf({ path, parent, name, shape }: Place, run: RunId): Room {
  if (shape === 'directory') return roomInside(path, run);
  checkedRun(run);
  return roomAt(parent, `.lg-${shortRun(run)}-${name}`);
}
