import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startOf } from './process/start-of.ts';
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
      const release = await lock(`${path}.lock`, key, say);
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

/** A file that names its holder. One whose holder is gone is taken over. */
async function lock(file: string, key: string, say: Say): Promise<() => Promise<void>> {
  const mine = `${process.pid} ${(await startOf(process.pid)) ?? ''}`;
  for (let told = false; ; ) {
    try {
      const handle = await open(file, 'wx');
      await handle.writeFile(mine);
      await handle.close();
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (await isAbandoned(file)) {
      await rm(file, { force: true });
      continue;
    }
    if (!told) say(`another process is making ${key}: waiting for it`);
    told = true;
    await delay(200);
  }
}

async function isAbandoned(file: string): Promise<boolean> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return false;
  if (text === '') {
    // Made, and not yet written: its holder has a moment to do so.
    const made = (await stat(file).catch(() => undefined))?.mtimeMs;
    return made !== undefined && Date.now() - made > 5_000;
  }
  const [pid, started] = text.split(' ');
  return (await startOf(Number(pid))) !== started;
}

async function flush(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
