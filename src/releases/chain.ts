import { createHmac, type KeyObject } from 'node:crypto';
import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectory, replace, writeOnce } from '../disk/durable-file.ts';
import type { PlatformName } from '../plan/ids.ts';
import { decodeEntry, type Entry, encodeEntry, type Header, NO_PARENT } from './entry.ts';

const ENTRY = /^(\d{8})\.entry$/;
const HEAD = 'head';

/** One platform's entries as they lie on disk. */
export interface Chain {
  /** Intact ones, oldest first. */
  readonly entries: readonly Entry[];
  /** One sentence for each thing that is wrong; empty when the chain is whole. */
  readonly faults: readonly string[];
}

/**
 * Reads every header and checks it, its place and its parent. `head` names the newest entry that was ever seen, so that
 * a newest entry taken away shows as well; a whole directory put back as it was once cannot be told from here.
 */
export async function readChain(directory: string, platform: PlatformName, key: KeyObject): Promise<Chain> {
  // The head first: what is added meanwhile then only makes the chain longer than it says.
  const head = await readHead(directory);
  const entries: Entry[] = [];
  const faults: string[] = [];
  let next = 1;
  let parent: string | undefined = NO_PARENT;
  for (const [generation, name] of await entryFiles(directory)) {
    if (generation !== next) {
      faults.push(`${join(directory, name)}: entry ${next} expected here, so entries were taken out`);
      parent = undefined;
    }
    next = generation + 1;
    try {
      const entry = await readHeader(join(directory, name), key);
      if (entry.platform !== platform) throw new Error(`it was written for platform ${entry.platform}`);
      if (entry.generation !== generation) throw new Error(`it was written as entry ${entry.generation}`);
      if (parent !== undefined && entry.parent !== parent) throw new Error('it does not follow the entry before it');
      entries.push(entry);
      parent = entry.hash;
    } catch (error) {
      if ('code' in (error as NodeJS.ErrnoException)) throw error;
      faults.push(`${join(directory, name)}: ${(error as Error).message}`);
      parent = undefined;
    }
  }
  // A head that was written meanwhile may name an entry that was not yet there to be listed: all is read once more under it.
  if (head === undefined && entries.length > 1 && (await readHead(directory)) !== undefined)
    return readChain(directory, platform, key);
  const lost = faultOfHead(directory, platform, key, entries, head);
  return { entries, faults: lost === undefined ? faults : [...faults, lost] };
}

/**
 * Adds an entry after `last`.
 * @returns false when another writer was first: read the chain again
 */
export async function appendEntry(
  directory: string,
  key: KeyObject,
  last: Entry | undefined,
  about: Omit<Header, 'version' | 'generation' | 'parent'>,
  bodies: readonly string[],
): Promise<boolean> {
  const generation = (last?.generation ?? 0) + 1;
  const header: Header = { version: 1, generation, parent: last?.hash ?? NO_PARENT, ...about };
  const bytes = encodeEntry(key, header, bodies);
  await makeDirectory(directory);
  const head = (entry: { readonly generation: number; readonly hash: string }) =>
    Buffer.from(headText(key, about.platform, entry.generation, entry.hash), 'utf8');
  // A second entry never stands without a head: the first one's writer may have died, or be about to write it.
  if (last !== undefined && (await readHead(directory)) === undefined)
    await writeOnce(join(directory, HEAD), head(last));
  if (!(await writeOnce(entryPath(directory, generation), bytes))) return false;
  const [line = '', mac = ''] = bytes.toString('utf8').split('\n', 2);
  const { hash } = decodeEntry(key, line, mac);
  await replace(join(directory, HEAD), head({ generation, hash }));
  return true;
}

/** The sealed body of a release's target, by its place among them; empty when the file ends before it. */
export async function readSealed(directory: string, entry: Entry, index: number): Promise<string> {
  const lines = (await readFile(entryPath(directory, entry.generation), 'utf8')).split('\n');
  return lines[2 + index] ?? '';
}

export const entryPath = (directory: string, generation: number): string =>
  join(directory, `${String(generation).padStart(8, '0')}.entry`);

async function entryFiles(directory: string): Promise<[number, string][]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .flatMap(name => {
      const match = ENTRY.exec(name);
      return match === null ? [] : [[Number(match[1]), name] as [number, string]];
    })
    .sort(([a], [b]) => a - b);
}

/** Reads no further than the header: bodies may be large, and are secret. */
async function readHeader(path: string, key: KeyObject): Promise<Entry> {
  const file = await open(path, 'r');
  try {
    let text = '';
    for await (const line of file.readLines({ autoClose: false })) {
      if (text !== '') return decodeEntry(key, text, line);
      text = line;
    }
    throw new Error('it ends before its seal');
  } finally {
    await file.close();
  }
}

function faultOfHead(
  directory: string,
  platform: PlatformName,
  key: KeyObject,
  entries: readonly Entry[],
  text: string | undefined,
): string | undefined {
  const path = join(directory, HEAD);
  // A first writer may have died between its entry and the head; the next one writes that head before its own entry.
  if (text === undefined) return entries.length > 1 ? `${path}: it was taken away` : undefined;
  const [generation = '', hash = ''] = text.split(' ');
  if (headText(key, platform, Number(generation), hash) !== text) {
    return `${path}: it is not what was written with this key`;
  }
  if (entries.some(entry => entry.hash === hash)) return undefined;
  return `${directory}: entry ${generation} was recorded and is no longer there as it was`;
}

const readHead = (directory: string): Promise<string | undefined> =>
  readFile(join(directory, HEAD), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });

function headText(key: KeyObject, platform: PlatformName, generation: number, hash: string): string {
  const mac = createHmac('sha256', key).update(JSON.stringify(['lastgood head v1', platform, generation, hash]));
  return `${generation} ${hash} ${mac.digest('hex')}\n`;
}
