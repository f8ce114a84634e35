import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { scanImports } from '../architecture/scan-imports.ts';

/** What a test file works on besides itself, told from all that it imports of the tests and the testbed. */
export interface FileNeeds {
  readonly temporal: boolean;
  /** The shared engine, or one of its own: such files run one after another. */
  readonly docker: boolean;
  /** The images of the N3XUS platform. */
  readonly images: boolean;
}

export function needsOf(file: string): FileNeeds {
  const loaded = loadedBy(file);
  const loads = (pattern: RegExp): boolean => loaded.some(path => pattern.test(path));
  return {
    temporal: loads(/\/testbed\/temporal\/server\.ts$/),
    docker: loads(/\/testbed\/(docker\/(engine|find)|demo\/.*)\.ts$/),
    images: loads(/\/testbed\/n3xus\/images\.ts$/),
  };
}

/** The file and all that it imports, however far away, but for packages and the product itself. */
function loadedBy(file: string): readonly string[] {
  const found = new Set([file]);
  for (const at of found) {
    for (const { specifier, how } of scanImports(readFileSync(at, 'utf8'))) {
      const path = resolve(dirname(at), specifier);
      if (how !== 'type' && specifier.startsWith('.') && !path.includes('/src/') && existsSync(path)) found.add(path);
    }
  }
  return [...found];
}
