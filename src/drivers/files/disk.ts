import { chmod, chown, lstat, mkdir, readdir, rename, rmdir } from 'node:fs/promises';
import { flushDirectory, writeFlushed } from '../../disk/durable-file.ts';
import { codeOf } from './fault.ts';
import { runTool } from './tool.ts';

export type Path = string | Buffer;

export interface Attributes {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Every change that staging and swapping make to a disk, one call each, so that a test can stop the world before and
 * after any of them. Nothing here follows a link at the end of a path but `setAttributes`, which is given directories.
 */
export interface Disk {
  /** Nothing happens when it is there. */
  makeDirectory(path: string): Promise<void>;
  rename(from: Path, to: Path): Promise<void>;
  /** Writes and flushes; the name is durable only after `syncDirectory`. */
  writeFile(path: string, text: string): Promise<void>;
  setAttributes(path: string, attributes: Attributes): Promise<void>;
  syncDirectory(path: string): Promise<void>;
  /** With all below it. Nothing happens when it is gone. */
  remove(path: string, signal: AbortSignal): Promise<void>;
  /** Nothing happens unless it is empty. */
  removeEmpty(path: string): Promise<void>;
}

export const realDisk: Disk = {
  async makeDirectory(path) {
    await mkdir(path, { mode: 0o700 }).catch(unless('EEXIST'));
  },
  rename,
  writeFile: (path, text) => writeFlushed(path, text, 'w'),
  async setAttributes(path, { mode, uid, gid }) {
    // In this order: a change of owner may clear the bits that a change of mode sets.
    await chown(path, uid, gid);
    await chmod(path, mode);
  },
  syncDirectory: flushDirectory,
  remove: (path, signal) => runTool(`remove ${path}`, 'rm', ['-rf', '--one-file-system', '--', path], signal),
  async removeEmpty(path) {
    await rmdir(path).catch(unless('ENOENT', 'ENOTEMPTY', 'EEXIST'));
  },
};

/** For `.catch`: swallows these codes, throws the rest on. */
export const unless =
  (...codes: readonly string[]) =>
  (error: unknown): undefined => {
    if (!codes.includes(codeOf(error) ?? '')) throw error;
    return undefined;
  };

/** Written beside, flushed, renamed, the directory flushed: the old text or the new one, whatever dies. */
export async function writeDurably(disk: Disk, directory: string, name: string, text: string): Promise<void> {
  await disk.writeFile(`${directory}/${name}.new`, text);
  await disk.rename(`${directory}/${name}.new`, `${directory}/${name}`);
  await disk.syncDirectory(directory);
}

export async function attributesOf(path: string): Promise<Attributes> {
  const { mode, uid, gid } = await lstat(path);
  return { mode: mode & 0o7777, uid, gid };
}

/** Names in `path` as bytes, or none when it is not there. */
export async function namesIn(path: string): Promise<readonly Buffer[]> {
  return (await readdir(path, { encoding: 'buffer' }).catch(unless('ENOENT'))) ?? [];
}
