import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bug } from './bugs.ts';

const ROOT = join(import.meta.dirname, '../../..');
/** What a case loads, and what it is bundled by. */
const COPIED = ['src', 'test', 'testbed', 'package.json', 'package-lock.json', 'tsconfig.json'];

/** The repository's own code in directories of their own, where a bug can be planted and the original stays as it is. */
export interface Trees {
  /** Works in a tree that has that bug, or none. As many at once as there are trees. @throws Error when the bug cannot be planted */
  using<T>(bug: Bug | undefined, work: (path: string) => Promise<T>): Promise<T>;
  remove(): Promise<void>;
}

/** A tree serves one bug after the other under one path, so that only what changed is compiled anew. */
export async function makeTrees(count: number): Promise<Trees> {
  const base = await mkdtemp(join(tmpdir(), 'lg-planted-'));
  const free = Array.from({ length: count }, (_, nth) => join(base, String(nth + 1)));
  await Promise.all(free.map(makeTree));
  return {
    using: async (bug, work) => {
      const path = free.pop();
      if (path === undefined) throw new Error(`more than ${count} bugs are planted at once`);
      let heal: (() => Promise<void>) | undefined;
      try {
        if (bug !== undefined) heal = await plant(join(path, bug.file), bug);
        return await work(path);
      } finally {
        await heal?.();
        free.push(path);
      }
    },
    remove: () => rm(base, { recursive: true, force: true }),
  };
}

async function makeTree(path: string): Promise<void> {
  await Promise.all(COPIED.map(name => cp(join(ROOT, name), join(path, name), { recursive: true })));
  await symlink(join(ROOT, 'node_modules'), join(path, 'node_modules'));
}

/** @throws Error unless each text is there, once: a bug that is not planted is not found either. @returns what makes it whole again */
async function plant(file: string, { what, edits }: Bug): Promise<() => Promise<void>> {
  const healthy = await readFile(file, 'utf8');
  let text = healthy;
  for (const [from, to] of edits) {
    const times = text.split(from).length - 1;
    if (times !== 1) throw new Error(`"${what}" cannot be planted: found ${times} times in ${file}: ${from}`);
    text = text.replace(from, () => to);
  }
  await writeFile(file, text);
  return () => writeFile(file, healthy);
}
