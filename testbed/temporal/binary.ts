import { chmod, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Cache, openCache } from '../cache.ts';
import { findPrograms, isExecutable } from '../process/find-program.ts';
import type { Say } from '../say.ts';
import { buildTemporal } from './build.ts';
import { downloadTemporal } from './download.ts';
import { askVersion, OLDEST_TEMPORAL, TEMPORAL_VERSION } from './version.ts';

export interface TemporalBinary {
  readonly path: string;
  readonly version: string;
  readonly from: 'TEMPORAL_CLI_PATH' | 'PATH' | 'cache' | 'download' | 'build';
}

export interface FindTemporalOptions {
  readonly say: Say;
  readonly cache?: Cache;
  readonly env?: NodeJS.ProcessEnv;
  /** Where the official archive is, for tests. */
  readonly downloadFrom?: string;
  /** Gives up what is under way: a download, a build of minutes. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Finds the Temporal CLI, which has a whole server in it, or gets it: TEMPORAL_CLI_PATH, PATH, the cache, the official
 * download, a build with Go.
 * @throws Error listing what was tried, each with why not, and what to do; the signal's reason once it is given up
 */
export async function findTemporal(options: FindTemporalOptions): Promise<TemporalBinary> {
  const { say, env = process.env, cache = openCache() } = options;
  const tried: string[] = [];
  const named = env['TEMPORAL_CLI_PATH'];
  if (named) {
    const answer = isExecutable(named) ? await askVersion(named) : { unfit: 'there is no executable file' };
    if ('version' in answer) return { path: named, version: answer.version, from: 'TEMPORAL_CLI_PATH' };
    // Whoever names a binary means that one: no other is put in its place.
    tried.push(`TEMPORAL_CLI_PATH (${named}): ${answer.unfit}`);
    throw new Error(explain(tried, [`unset TEMPORAL_CLI_PATH, or let it name a temporal >= ${OLDEST_TEMPORAL}`]));
  }
  tried.push('TEMPORAL_CLI_PATH: not set');
  const onPath = findPrograms('temporal', env['PATH'] ?? '');
  if (onPath.length === 0) tried.push('PATH: no temporal on it');
  for (const path of onPath) {
    const answer = await askVersion(path);
    if ('version' in answer) return { path, version: answer.version, from: 'PATH' };
    tried.push(`PATH (${path}): ${answer.unfit}`);
  }
  const key = `temporal-${TEMPORAL_VERSION}`;
  const cached = await cache.find(key);
  if (cached !== undefined) {
    const path = join(cached, 'temporal');
    const answer = await askVersion(path);
    if ('version' in answer) return { path, version: answer.version, from: 'cache' };
    tried.push(`the cache (${path}): ${answer.unfit}; it was removed`);
    await rm(cached, { recursive: true, force: true });
  } else tried.push(`the cache (${join(cache.directory, key)}): not there yet`);

  say(
    `no Temporal server is configured, and none is here: getting the Temporal CLI ${TEMPORAL_VERSION} (kept for later)`,
  );
  let from: TemporalBinary['from'] = 'cache';
  const directory = await cache.getOrBuild(key, say, async half => {
    from = await get(half, options, tried).catch(() => {
      options.signal?.throwIfAborted();
      throw new Error(explain(tried));
    });
  });
  return { path: join(directory, 'temporal'), version: TEMPORAL_VERSION, from };
}

/** @throws when both ways failed; `tried` then says why */
async function get(half: string, options: FindTemporalOptions, tried: string[]): Promise<'download' | 'build'> {
  const { say, env = process.env, signal } = options;
  const binary = join(half, 'temporal');
  try {
    await downloadTemporal(half, { say, signal, from: options.downloadFrom });
    await accept(binary);
    return 'download';
  } catch (error) {
    const why = (error as Error).message;
    say(`  not downloaded: ${why}`);
    tried.push(`the official download: ${why}`);
    await rm(binary, { force: true });
  }
  signal?.throwIfAborted();
  try {
    await buildTemporal(half, { say, signal, env });
    await accept(binary);
    return 'build';
  } catch (error) {
    tried.push(`a build with Go: ${(error as Error).message.replaceAll('\n', '\n      ')}`);
    throw error;
  }
}

async function accept(binary: string): Promise<void> {
  await chmod(binary, 0o755);
  const answer = await askVersion(binary);
  if ('unfit' in answer) throw new Error(`what came cannot be used: ${answer.unfit}`);
  if (answer.version !== TEMPORAL_VERSION) throw new Error(`what came is ${answer.version}, not ${TEMPORAL_VERSION}`);
}

const explain = (tried: readonly string[], first: readonly string[] = []): string =>
  [
    'no Temporal CLI was found or could be made. Tried:',
    ...tried.map(line => `  - ${line}`),
    'What to do, any one of these:',
    ...[
      ...first,
      `install the Temporal CLI ${OLDEST_TEMPORAL} or newer, and have it on PATH or in TEMPORAL_CLI_PATH`,
      'install Go 1.26.4 or newer and see that it can reach its module proxy (GOPROXY): the CLI is then built',
      'use a Temporal server that runs already: set TEMPORAL_ADDRESS',
    ].map(line => `  - ${line}`),
  ].join('\n');
