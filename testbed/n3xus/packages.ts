import { cpSync, existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The project's own root, where `node_modules` is. */
export const ROOT = resolve(import.meta.dirname, '../..');

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/**
 * The packages and all that they need at run time, as directories below `node_modules`, each once.
 * @throws Error when one is not installed
 */
export function findPackages(names: readonly string[]): ReadonlyMap<string, { directory: string; version: string }> {
  const found = new Map<string, { directory: string; version: string }>();
  const wanted = [...names];
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    if (found.has(name)) continue;
    const directory = join(ROOT, 'node_modules', name);
    if (!existsSync(directory)) throw new Error(`package ${name} is not installed: run npm ci`);
    const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest;
    found.set(name, { directory, version: manifest.version });
    wanted.push(...Object.keys(manifest.dependencies ?? {}));
  }
  return found;
}

/** Copies packages into `<to>/node_modules`. */
export function copyPackages(packages: ReturnType<typeof findPackages>, to: string): void {
  for (const [name, { directory }] of packages) {
    const nested = join(directory, 'node_modules');
    cpSync(directory, join(to, 'node_modules', name), {
      recursive: true,
      dereference: true,
      filter: source => source !== nested && dirname(source) !== nested,
    });
  }
}

/** The Node that runs this project and its services: the one installed beside the packages. */
export const nodeBinary = (): string => join(ROOT, 'node_modules/node/bin/node');
