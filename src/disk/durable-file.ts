import { randomBytes } from 'node:crypto';
import { link, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Writes a file that must not be there yet: beside, flushed, then given its name, then the directory flushed.
 * A link is taken and not a rename, for a rename would replace what another writer has just put there.
 * @returns false when the name is taken, and nothing was changed
 */
export async function writeOnce(path: string, bytes: Uint8Array): Promise<boolean> {
  const beside = await writeBeside(path, bytes);
  try {
    await link(beside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(beside, { force: true });
  }
  await flushDirectory(dirname(path));
  return true;
}

/** As `writeOnce`, over whatever bears the name. */
export async function replace(path: string, bytes: Uint8Array): Promise<void> {
  const beside = await writeBeside(path, bytes);
  try {
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
  await flushDirectory(dirname(path));
}

async function writeBeside(path: string, bytes: Uint8Array): Promise<string> {
  const beside = `${path}.${randomBytes(6).toString('hex')}.part`;
  try {
    await writeFlushed(beside, bytes);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
  return beside;
}

/** Makes a file that only its owner may read, and flushes it; its name is durable only after `flushDirectory`. */
export async function writeFlushed(path: string, bytes: string | Uint8Array, flags: 'wx' | 'w' = 'wx'): Promise<void> {
  const file = await open(path, flags, 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Until its directory is flushed a new name may be gone after a power cut. */
export async function flushDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Makes a directory only its owner may enter, and its parents, so that they are there after a power cut. */
export async function makeDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await flushDirectory(dirname(made));
}
