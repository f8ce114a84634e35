import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bug } from './bugs.ts';

const ROOT = join(import.meta.dirname, '../../..');
/** What a case loads, and what it is bundled by. */
const COPIED = ['src', 'test', 'testbed', 'package.json', 'package-lock.json', 'tsconfig.json'];

/** The repository's own code in a directory of its own, where a bug can be planted and the original stays as it is. */
export async function plantedTree(bug?: Bug): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'lg-planted-'));
  await Promise.all(COPIED.map(name => cp(join(ROOT, name), join(path, name), { recursive: true })));
  await symlink(join(ROOT, 'node_modules'), join(path, 'node_modules'));
  if (bug !== undefined) await plant(join(path, bug.file), bug);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** @throws Error unless each text is there, once: a bug that is not planted is not found either */
async function plant(file: string, { what, edits }: Bug): Promise<void> {
  let text = await readFile(file, 'utf8');
  for (const [from, to] of edits) {
    const times = text.split(from).length - 1;
    if (times !== 1) throw new Error(`"${what}" cannot be planted: found ${times} times in ${file}: ${from}`);
    text = text.replace(from, () => to);
  }
  await writeFile(file, text);
}
