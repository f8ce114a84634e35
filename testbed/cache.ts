import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { takeLock } from './process/lock.ts';
import type { Say } from './say.ts';

/** Built and downloaded things, outside the repository, so that the second run is quick. */
export interface Cache {
  readonly directory: string;
  /**
   * The path of `key` (`temporal-1.8.2`), made by `build` when it is not there. `build` fills the directory that it is
   * given, which appears under its name whole or not at all. Of two builders one builds, and the other waits for it.
   * @throws whatever `build` threw; then nothing is kept
   */
  getOrBuild(key: string, say: Say, build: (directory: string) => Promise<void>): Promise<string>;
  /** The path of `key` when it is there. */
  find(key: string): Promise<string | undefined>;
}

/** LASTGOOD_CACHE, else `lastgood` in XDG_CACHE_HOME, else in ~/.cache. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  if (env['LASTGOOD_CACHE']) return env['LASTGOOD_CACHE'];
  if (env['XDG_CACHE_HOME']) return join(env['XDG_CACHE_HOME'], 'lastgood');
  return join(env['HOME'] || userInfo().homedir, '.cache', 'lastgood');
}

export function openCache(directory: string = cacheDirectory()): Cache {
  const find = async (key: string): Promise<string | undefined> => {
    const path = join(directory, key);
    return (await stat(path).catch(() => undefined)) === undefined ? undefined : path;
  };
  return {
    directory,
    find,
    async getOrBuild(key, say, build) {
      const path = join(directory, key);
      const ready = await find(key);
      if (ready !== undefined) return ready;
      await mkdir(directory, { recursive: true });
      const release = await takeLock(`${path}.lock`, () => say(`another process is making ${key}: waiting for it`));
      try {
        const meanwhile = await find(key);
        if (meanwhile !== undefined) return meanwhile;
        const half = `${path}.part-${process.pid}`;
        await rm(half, { recursive: true, force: true });
        await mkdir(half);
        try {
          await build(half);
          await publish(half, path);
        } finally {
          await rm(half, { recursive: true, force: true });
        }
        return path;
      } finally {
        await release();
      }
    },
  };
}

/** Two builders may still meet when both take over an abandoned lock: the first to publish wins, and both are whole. */
async function publish(half: string, path: string): Promise<void> {
  await rename(half, path).catch(async error => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
  await flush(dirname(path));
}

async function flush(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
