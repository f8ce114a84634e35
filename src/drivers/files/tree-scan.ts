import { createHash } from 'node:crypto';
import { type BigIntStats, constants } from 'node:fs';
import { lstat, open, readdir, readlink } from 'node:fs/promises';
import { DriverError } from '../errors.ts';

/** Lies at the top of every tree that is swapped, and is never part of it. */
export const LASTGOOD = '.lastgood';

export type EntryType = 'file' | 'directory' | 'link' | 'fifo' | 'device';

export interface TreeEntry {
  /** Relative to the root, as bytes: names need not be UTF-8. Empty for the root itself. */
  readonly path: Buffer;
  readonly type: EntryType;
  /** The twelve permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content; 0 for what has none. */
  readonly size: number;
  /** SHA-256 (hex) of a file's content, empty for the rest. */
  readonly sha256: string;
  /** A link's text, a device's numbers, or the first path of the same inode in this tree. */
  readonly target: Buffer;
}

export interface ReadOptions {
  readonly signal: AbortSignal;
  /** Told at every entry and every MiB: the bytes of content read so far. */
  readonly progress?: (bytes: number) => void;
}

/** Entries looked at together: enough to hide the latency of small files. */
const BATCH = 32;
const CHUNK = 1024 * 1024;
const NOTHING = Buffer.alloc(0);

/**
 * Every entry under `root` and `root` itself, in a stable order (names as bytes, a directory before what is in it).
 * `.lastgood` at the top is left out, and so are sockets: no archive can hold them, and a stopped engine has none.
 * Links are never followed. @throws DriverError conflict when a file changes while it is read; else the system's error
 */
export async function* scanTree(root: string, options: ReadOptions): AsyncGenerator<TreeEntry> {
  let bytes = 0;
  const reading: Reading = {
    base: Buffer.from(root),
    seen: new Map(),
    told(more) {
      options.signal.throwIfAborted();
      bytes += more;
      options.progress?.(bytes);
    },
  };
  let batch: Promise<TreeEntry>[] = [];
  for await (const found of walk(reading.base, await look(reading.base, NOTHING))) {
    reading.told(0);
    const entry = describe(reading, found);
    entry.catch(() => {});
    batch.push(entry);
    if (batch.length < BATCH) continue;
    yield* await Promise.all(batch);
    batch = [];
  }
  yield* await Promise.all(batch);
}

interface Reading {
  readonly base: Buffer;
  /** First path by inode, of files with several names. */
  readonly seen: Map<string, Buffer>;
  /** More bytes were read. @throws AbortError */
  told(bytes: number): void;
}

/** Every entry under `root` and `root` itself, as `scanTree`, looked at and not read. */
export async function* walkTree(root: string): AsyncGenerator<Found> {
  const base = Buffer.from(root);
  yield* walk(base, await look(base, NOTHING));
}

export interface Found {
  readonly path: Buffer;
  readonly stats: BigIntStats;
}

async function* walk(base: Buffer, found: Found): AsyncGenerator<Found> {
  const { path, stats } = found;
  if (stats.isSocket()) return;
  yield found;
  if (!stats.isDirectory()) return;
  const names = await readdir(within(base, path), { encoding: 'buffer' });
  names.sort(Buffer.compare);
  for (let at = 0; at < names.length; at += BATCH) {
    const kept = names.slice(at, at + BATCH).filter(name => path.length > 0 || !name.equals(OURS));
    const batch = await Promise.all(kept.map(name => look(base, within(path, name))));
    for (const inside of batch) yield* walk(base, inside);
  }
}

const OURS = Buffer.from(LASTGOOD);

const look = async (base: Buffer, path: Buffer): Promise<Found> => ({
  path,
  stats: await lstat(within(base, path), { bigint: true }),
});

/** `a` + `/` + `b`, in bytes; either may be empty. */
export function within(a: Buffer, b: Buffer): Buffer {
  if (a.length === 0) return b;
  return b.length === 0 ? a : Buffer.concat([a, Buffer.from('/'), b]);
}

async function describe(reading: Reading, { path, stats }: Found): Promise<TreeEntry> {
  const { base, seen } = reading;
  const type = typeOf(stats);
  const entry = {
    path,
    type,
    mode: Number(stats.mode & 0o7777n),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    size: 0,
    sha256: '',
    target: NOTHING,
  };
  if (type === 'link') return { ...entry, target: await readlink(within(base, path), { encoding: 'buffer' }) };
  if (type === 'device') return { ...entry, target: Buffer.from(`${stats.isBlockDevice() ? 'b' : 'c'}${stats.rdev}`) };
  if (type !== 'file') return entry;
  const size = Number(stats.size);
  if (stats.nlink > 1n) {
    // The walk's order names the first; the same bytes are not read twice.
    const inode = `${stats.dev}:${stats.ino}`;
    const first = seen.get(inode);
    if (first !== undefined) return { ...entry, size, target: first };
    seen.set(inode, path);
  }
  return { ...entry, size, sha256: await hashFile(within(base, path), size, reading) };
}

function typeOf(stats: BigIntStats): EntryType {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return 'link';
  return stats.isFIFO() ? 'fifo' : 'device';
}

async function hashFile(path: Buffer, size: number, reading: Reading): Promise<string> {
  // A link planted between the look and the opening must not lead out of the tree.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const hash = createHash('sha256');
    // One byte more than there should be: a file that grew is seen, and one read is enough for a small one.
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK, size + 1));
    let total = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      hash.update(buffer.subarray(0, bytesRead));
      total += bytesRead;
      reading.told(bytesRead);
      if (bytesRead === 0 || total > size || (total === size && bytesRead < buffer.length)) break;
    }
    if (total === size) return hash.digest('hex');
    throw new DriverError(
      'conflict',
      `${path.toString()}: changed while it was read, ${size} bytes expected, ${total} found`,
      { next: 'stop what writes there, then try again' },
    );
  } finally {
    await file.close();
  }
}
