import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { asDriverError } from './fault.ts';
import { LASTGOOD } from './tree-scan.ts';

/**
 * The bytes that the files under `root` take, holes left out, `.lastgood` at the top too. About: what changes while it
 * is looked at may count either way. Links are not followed, other filesystems not entered.
 * @throws DriverError as reading the tree does
 */
export async function treeSize(root: string, signal: AbortSignal): Promise<number> {
  try {
    const { dev } = await lstat(root);
    return await sizeOf(root, dev, signal, LASTGOOD);
  } catch (error) {
    signal.throwIfAborted();
    throw asDriverError(`measure ${root}`, error);
  }
}

async function sizeOf(directory: string, dev: number, signal: AbortSignal, leftOut?: string): Promise<number> {
  let bytes = 0;
  for await (const { name } of await opendir(directory)) {
    signal.throwIfAborted();
    if (name === leftOut) continue;
    const path = join(directory, name);
    const stats = await lstat(path).catch(ignoreGone);
    if (stats?.dev !== dev) continue;
    if (stats.isDirectory()) bytes += await sizeOf(path, dev, signal);
    else if (stats.isFile()) bytes += Math.min(stats.size, stats.blocks * 512);
  }
  return bytes;
}

const ignoreGone = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
};
