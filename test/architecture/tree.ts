import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { type Import, scanImports } from './scan-imports.ts';

/** Sources by their path from the repository's root, `src/plan/ids.ts`. */
export type Tree = ReadonlyMap<string, string>;

export interface Edge extends Import {
  readonly from: string;
  /** A path of the tree for a relative import, else the package's name or `node:…`. */
  readonly to: string;
}

export function readTree(root: string, folders: readonly string[]): Tree {
  const files = folders.flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.ts'))
      .map(name => `${folder}/${name.replaceAll('\\', '/')}`),
  );
  return new Map(files.sort().map(file => [file, readFileSync(join(root, file), 'utf8')]));
}

/** All imports of the files under `src/`. */
export function edgesOf(tree: Tree): Edge[] {
  return [...tree]
    .filter(([file]) => file.startsWith('src/'))
    .flatMap(([from, source]) => scanImports(source).map(found => ({ ...found, from, to: targetOf(from, found) })));
}

function targetOf(from: string, { specifier }: Import): string {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(from), specifier);
  return specifier.startsWith('node:') ? specifier : packageOf(specifier);
}

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** Every file that loading `entry` loads, with the way to it; packages and built-ins are ends of ways. */
export function reachedFrom(entry: string, edges: readonly Edge[]): Map<string, readonly string[]> {
  const ways = new Map<string, readonly string[]>([[entry, [entry]]]);
  for (const [at, way] of ways) {
    for (const edge of edges)
      if (edge.from === at && edge.how !== 'type' && !ways.has(edge.to)) ways.set(edge.to, [...way, edge.to]);
  }
  return ways;
}
