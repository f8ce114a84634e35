import { constants } from 'node:fs';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { artifactFile, indexFile, parseIndex } from './frame-index.ts';
import { type Frame, faultOfStored, openFrame, release } from './frames.ts';
import { inOrder } from './in-order.ts';
import type { Artifact } from './store.ts';
import { asStoreFault, codeOf, corrupt } from './store-fault.ts';

/** Frames held at a time: raw, stored and what hashing copies, about 50 MB. */
const WIDTH = 4;

/** The raw bytes of an artifact in `folder`, each frame checked against both its hashes before it is given. @throws DriverError corrupt */
export async function* readArtifact(
  folder: string,
  artifact: Artifact,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  yield* checkFrames(folder, artifact, 'raw', signal);
}

/** `progress` is given the bytes of each frame. Reads all of it: stored hashes and lengths, and with `raw` also what the frames hold. @throws DriverError corrupt */
export async function verifyArtifact(
  folder: string,
  artifact: Artifact,
  depth: 'stored' | 'raw',
  signal: AbortSignal,
  progress: (bytes: number) => void = () => {},
): Promise<void> {
  for await (const bytes of checkFrames(folder, artifact, depth, signal)) {
    progress(bytes.length);
    release(bytes);
  }
}

/** Turns what each frame adds into what has been read so far, over several artifacts. */
export function summed(progress: ((bytes: number) => void) | undefined): (bytes: number) => void {
  let total = 0;
  return bytes => {
    total += bytes;
    progress?.(total);
  };
}

async function* checkFrames(
  folder: string,
  artifact: Artifact,
  depth: 'stored' | 'raw',
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const path = join(folder, artifactFile(artifact.name));
  let file: FileHandle | undefined;
  try {
    const rows = placed(await readIndex(folder, artifact));
    file = await openStored(path);
    const { size } = await file.stat();
    if (size !== artifact.storedBytes) throw corrupt(path, `${artifact.storedBytes} bytes expected, ${size} found`);
    const source = file;
    yield* inOrder(rows, WIDTH, async ({ frame, offset }, number) => {
      signal.throwIfAborted();
      const stored = await readExactly(source, offset, frame.stored);
      const opened = faultOfStored(frame, stored) ?? (depth === 'stored' ? stored : await openFrame(frame, stored));
      if (opened !== stored) release(stored);
      if (typeof opened === 'string') throw corrupt(`${path} frame ${number}`, opened);
      return opened;
    });
  } catch (error) {
    throw asStoreFault(`read ${path}`, error);
  } finally {
    await file?.close();
  }
}

async function readIndex(folder: string, artifact: Artifact): Promise<readonly Frame[]> {
  const path = join(folder, indexFile(artifact.name));
  const text = await readFile(path, 'utf8').catch(absent(path));
  return parseIndex(text, artifact, path);
}

const openStored = (path: string): Promise<FileHandle> =>
  open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(absent(path));

/** A published snapshot that lacks a file is damaged: it exists, and is not what its manifest says. */
const absent =
  (path: string) =>
  (error: unknown): never => {
    throw ['ENOENT', 'EISDIR', 'ELOOP'].includes(codeOf(error) ?? '')
      ? corrupt(path, 'the file is gone', error)
      : error;
  };

function placed(frames: readonly Frame[]): readonly { readonly frame: Frame; readonly offset: number }[] {
  let next = 0;
  return frames.map(frame => {
    const offset = next;
    next += frame.stored;
    return { frame, offset };
  });
}

async function readExactly(file: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
