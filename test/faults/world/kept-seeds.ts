import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Trial } from './run-all.ts';
import type { Script } from './script.ts';

const DIRECTORY = join(import.meta.dirname, '../seeds');

/** Runs that failed once are played first in every run from then on, as they were: whatever becomes of the generator. */
export async function keptTrials(): Promise<readonly Trial[]> {
  const files = (await readdir(DIRECTORY).catch(() => [])).filter(name => name.endsWith('.json')).sort();
  return Promise.all(
    files.map(async file => {
      const { script } = JSON.parse(await readFile(join(DIRECTORY, file), 'utf8')) as { script: Script };
      return { name: file, script };
    }),
  );
}

/** Named by what it does, for a seed does another thing once the generator is changed. @returns the file's name */
export async function keepTrial({ name, script }: Trial, why: string): Promise<string> {
  const digest = createHash('sha256').update(JSON.stringify(script)).digest('hex');
  const file = `${name.replaceAll(/[^a-z0-9]+/g, '-')}-${digest.slice(0, 8)}.json`;
  await mkdir(DIRECTORY, { recursive: true });
  await writeFile(join(DIRECTORY, file), `${JSON.stringify({ why: why.slice(0, 2_000), script }, undefined, 2)}\n`);
  return file;
}
