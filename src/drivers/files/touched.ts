import { createHash } from 'node:crypto';
import { lstat, utimes } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { DriverError } from '../errors.ts';
import { type Path, unless } from './disk.ts';
import type { Completed, Room } from './room.ts';
import { type ReadOptions, treeDigest } from './tree-digest.ts';
import { walkTree } from './tree-scan.ts';

/**
 * Whether somebody's hand was on a tree that only lastgood should touch. Every change of an entry, of its names or its
 * attributes moves a time that nobody can set back, so that looking is enough, and no content is read.
 */
export async function treeStamp(root: string, { signal }: Pick<ReadOptions, 'signal'>): Promise<string> {
  const hash = createHash('sha256');
  for await (const { path, stats } of walkTree(root)) {
    signal.throwIfAborted();
    hash
      .update(`${stats.ino} ${stats.mode} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs} `)
      .update(path)
      .update('\0');
  }
  return hash.digest('hex');
}

/** A tick is 1 to 10 ms long; a clock that was set back meanwhile is not waited for. */
const TICK_TRIES = 50;

/**
 * Returns when whatever is changed from now on gets a later time than what was changed before: a filesystem's clock goes
 * by ticks, and a hand that comes in the same tick leaves no trace. @param own a directory of lastgood's, whose times
 * nobody reads, on the filesystem in question
 */
export async function nextTick(own: string): Promise<void> {
  const since = await touch(own);
  for (let tries = 0; tries < TICK_TRIES; tries += 1) {
    if ((await touch(own)) > since) return;
    await setTimeout(1);
  }
}

async function touch(path: string): Promise<bigint> {
  const now = new Date();
  await utimes(path, now, now);
  return (await lstat(path, { bigint: true })).ctimeNs;
}

/** Looks first, and reads only what was touched. @returns what is wrong, or nothing */
export async function findTouched(tree: string, as: Completed, options: ReadOptions): Promise<string | undefined> {
  if (as.stamp !== undefined && (await treeStamp(tree, options)) === as.stamp) return undefined;
  const digest = await treeDigest(tree, options);
  return digest === as.digest ? undefined : `digest ${as.digest} was staged, ${digest} found`;
}

/** When the outgoing tree was set aside: its own last change, which setting its attributes made. That tick is over then. */
export async function setAsideAt(room: Room): Promise<string> {
  const { ctimeNs } = await lstat(room.outgoing, { bigint: true });
  await nextTick(room.path);
  return String(ctimeNs);
}

/** How many touched entries are named. */
const NAMED = 3;

/** @throws DriverError conflict when what was set aside is gone, or is not as it was @param since as `setAsideAt` gave it */
export async function mustBeAsSetAside(room: Room, since: string, { signal }: Pick<ReadOptions, 'signal'>) {
  if ((await lstat(room.outgoing as Path).catch(unless('ENOENT'))) === undefined)
    throw touched(room, 'missing', 'is gone');
  const names: string[] = [];
  for await (const { path, stats } of walkTree(room.outgoing)) {
    signal.throwIfAborted();
    if (stats.ctimeNs > BigInt(since) && names.length < NAMED) names.push(path.length === 0 ? '.' : path.toString());
  }
  if (names.length > 0) throw touched(room, 'conflict', `was touched since it was set aside: ${names.join(', ')}`);
}

const touched = (room: Room, kind: 'missing' | 'conflict', what: string): DriverError =>
  new DriverError(kind, `${room.outgoing}: the data to put back ${what}; nothing was changed`, {
    next: `Put it right by hand, then remove ${room.path}/set-aside to have it taken as it is, and retry.`,
    foreign: true,
  });
