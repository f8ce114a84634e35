import { type FileHandle, open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFlushed } from '../disk/durable-file.ts';
import { DriverError } from '../drivers/errors.ts';
import { artifactFile, describeArtifact, encodeIndex, indexFile } from './frame-index.ts';
import { cutFrames, type Frame, release, sealFrame } from './frames.ts';
import { inOrder } from './in-order.ts';
import type { Artifact, WriteOptions } from './store.ts';
import { asStoreFault, isFull } from './store-fault.ts';

/** Frames held at a time: raw, compressed and what hashing copies, about 50 MB for each artifact under way. */
const WIDTH = 4;
/** Flushed as it goes: the disk writes while the next frames are compressed, and the last flush is short. */
const FLUSH_EVERY = 64 * 1024 * 1024;

/**
 * Writes `<name>.tar.zst` and its index into `folder`, flushed. After a failure neither is left.
 * @throws DriverError refused when the store is full; unavailable; and what `bytes` throws
 */
export async function writeArtifact(
  folder: string,
  name: string,
  bytes: AsyncIterable<Uint8Array>,
  options: WriteOptions,
): Promise<Artifact> {
  const path = join(folder, artifactFile(name));
  const index = join(folder, indexFile(name));
  const frames: Frame[] = [];
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await writeFrames(file, bytes, options, frames);
      await file.sync();
    } finally {
      await file.close();
    }
    await writeFlushed(index, encodeIndex(name, frames));
    return describeArtifact(name, frames);
  } catch (error) {
    const free = await freeBytes(folder);
    await Promise.all([path, index].map(left => rm(left, { force: true })));
    throw isFull(error) ? full(path, frames, free, error) : asStoreFault(`write ${path}`, error);
  }
}

async function writeFrames(
  file: FileHandle,
  bytes: AsyncIterable<Uint8Array>,
  { signal, progress }: WriteOptions,
  frames: Frame[],
): Promise<void> {
  let raw = 0;
  let unflushed = 0;
  let flushing: Promise<unknown> = Promise.resolve();
  try {
    for await (const sealed of inOrder(cutFrames(bytes, signal), WIDTH, sealFrame)) {
      signal.throwIfAborted();
      frames.push(sealed.frame);
      await writeAll(file, sealed.bytes);
      release(sealed.bytes);
      raw += sealed.frame.raw;
      unflushed += sealed.frame.stored;
      progress(raw);
      if (unflushed < FLUSH_EVERY) continue;
      await flushing;
      flushing = file.datasync();
      flushing.catch(() => {});
      unflushed = 0;
    }
  } finally {
    // The handle must not be closed under it. An error of the background flush is an error of the write.
    await flushing;
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += (await file.write(bytes, written, bytes.length - written)).bytesWritten;
  }
}

function full(path: string, frames: readonly Frame[], free: number | undefined, cause: unknown): DriverError {
  const { rawBytes, storedBytes } = describeArtifact('', frames);
  const had = free === undefined ? '' : `, ${free} bytes were free when it stopped`;
  return new DriverError(
    'refused',
    `write ${path}: the snapshot store is full: more than ${storedBytes} bytes needed (${rawBytes} before compression)${had}; ` +
      'its partial files were removed, and nothing of the platform was changed',
    {
      cause,
      next: `free more than ${storedBytes} bytes where the store lies, or point it to a larger disk, then try again`,
    },
  );
}

async function freeBytes(folder: string): Promise<number | undefined> {
  const stats = await statfs(folder).catch(() => undefined);
  return stats === undefined ? undefined : stats.bavail * stats.bsize;
}
