import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { saying } from './calls.ts';
import type { Trial } from './run-all.ts';
import type { Script } from './script.ts';

const DIRECTORY = join(import.meta.dirname, '../seeds');

interface Kept {
  /** What was broken, or what it shows. */
  readonly why: string;
  readonly script: Script;
  /** Of its faults and deeds: what must come to pass, where it is not all of them. */
  readonly befalls?: readonly string[];
}

/** Runs that failed once are played first in every run from then on, as they were: whatever becomes of the generator. */
export async function keptTrials(directory = DIRECTORY): Promise<readonly Trial[]> {
  const files = (await readdir(directory).catch(() => [])).filter(name => name.endsWith('.json')).sort();
  return Promise.all(
    files.map(async file => {
      const { script, befalls } = JSON.parse(await readFile(join(directory, file), 'utf8')) as Kept;
      return { name: file, script, befalls: befalls ?? [...script.faults, ...script.deeds].map(saying) };
    }),
  );
}

/** Named by what it does, for a seed does another thing once the generator is changed. @returns the file's name */
export async function keepTrial({ name, script }: Trial, why: string, directory = DIRECTORY): Promise<string> {
  const digest = createHash('sha256').update(JSON.stringify(script)).digest('hex');
  const file = `${name.replaceAll(/[^a-z0-9]+/g, '-')}-${digest.slice(0, 8)}.json`;
  const kept: Kept = { why: why.slice(0, 2_000), script };
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, file), `${JSON.stringify(kept, undefined, 2)}\n`);
  return file;
}
