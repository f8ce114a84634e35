import { COMPUTED, tokensOf } from './scan-imports.ts';
import { type Edge, edgesOf, reachedFrom, type Tree } from './tree.ts';

/** A row of the table. Paths are below `src/`; one that ends with `/` is all that lies there. */
export interface Row {
  readonly name: string;
  readonly holds: readonly string[];
  /** Names of rows, or `types of <name>`. Its own row goes without saying. */
  readonly may: readonly string[];
  /** npm packages, or `types of <package>`. */
  readonly packages?: readonly string[];
  /** Node's built-in modules; absent: none. */
  readonly node?: 'any' | readonly string[];
}

/** An import that is sound though the table forbids it. */
export interface Exception {
  readonly from: string;
  readonly to: string;
  readonly why: string;
}

export interface Table {
  readonly rows: readonly Row[];
  readonly exceptions: readonly Exception[];
  /** What these load, they and all below them, is no more than `packages` and no built-in of Node. */
  readonly sandboxed: { readonly entry: string; readonly packages: readonly string[] };
  readonly startsProcesses: readonly string[];
  readonly mayPrint: readonly string[];
}

/** All breaches, one line each. */
export function findBreaches(tree: Tree, table: Table): string[] {
  const edges = edgesOf(tree);
  const { breaches, used } = judgeImports(tree, edges, table);
  const idle = table.exceptions.filter(exception => !used.has(exception));
  return [
    ...breaches,
    ...idle.map(({ from, to }) => `the table: the exception ${from} -> ${to} is not needed`),
    ...judgeSandbox(edges, table.sandboxed),
    ...findCycles(edges),
    ...[...tree].flatMap(([file, source]) => judgeFile(file, source, table)),
  ];
}

const below = (path: string): string => path.replace(/^src\//, '');
const holds = (paths: readonly string[], path: string): number =>
  Math.max(0, ...paths.filter(one => (one.endsWith('/') ? path.startsWith(one) : path === one)).map(one => one.length));

/** The row that names the file most closely. */
export function rowOf(path: string, rows: readonly Row[]): Row | undefined {
  const ranked = rows.map(row => ({ row, closeness: holds(row.holds, below(path)) }));
  return ranked.sort((a, b) => b.closeness - a.closeness).find(({ closeness }) => closeness > 0)?.row;
}

function judgeImports(tree: Tree, edges: readonly Edge[], { rows, exceptions }: Table) {
  const breaches: string[] = [];
  const used = new Set<Exception>();
  for (const edge of edges) {
    const row = rowOf(edge.from, rows);
    const why = row === undefined ? 'its folder is in no row of the table' : forbids(row, edge, tree, rows);
    if (why === undefined) continue;
    const exception = exceptions.find(
      ({ from, to }) => holds([from], below(edge.from)) > 0 && holds([to], below(edge.to)) > 0,
    );
    if (exception === undefined) breaches.push(`${edge.from}:${edge.line}: ${edge.how} import of ${edge.to}: ${why}`);
    else used.add(exception);
  }
  return { breaches, used };
}

/** Why this row's files may not have this import, or nothing. */
function forbids(row: Row, { specifier, to, how }: Edge, tree: Tree, rows: readonly Row[]): string | undefined {
  const allows = (list: readonly string[], name: string): boolean =>
    list.includes(name) || (how === 'type' && list.includes(`types of ${name}`));
  if (specifier === COMPUTED) return 'what it loads is known only when it runs';
  if (to.startsWith('node:')) {
    return row.node === 'any' || row.node?.includes(to) ? undefined : `${row.name} may not use it`;
  }
  if (!specifier.startsWith('.')) {
    return allows(row.packages ?? [], to) ? undefined : `${row.name} may not use this package`;
  }
  if (!to.startsWith('src/')) return 'it lies outside src';
  if (!tree.has(to)) return 'there is no such file';
  const other = rowOf(to, rows);
  if (other === undefined || other === row || allows(row.may, other.name)) return undefined;
  const asType = row.may.includes(`types of ${other.name}`) ? 'only types of ' : '';
  return asType === '' ? `${row.name} may not import ${other.name}` : `${row.name} may import ${asType}${other.name}`;
}

function judgeSandbox(edges: readonly Edge[], { entry, packages }: Table['sandboxed']): string[] {
  const ways = [...reachedFrom(entry, edges)].filter(([at]) => !at.startsWith('src/') && !packages.includes(at));
  return ways.map(([at, way]) => `${entry}: loads ${at} by ${way.join(' -> ')}`);
}

/** Each circle of files that load each other before they run. */
function findCycles(edges: readonly Edge[]): string[] {
  const next = new Map<string, string[]>();
  for (const { from, to, how } of edges)
    if (how === 'value' && to.startsWith('src/')) next.set(from, [...(next.get(from) ?? []), to]);
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (at: string, way: readonly string[]): void => {
    if (way.includes(at)) cycles.push(`a circle: ${[...way.slice(way.indexOf(at)), at].join(' -> ')}`);
    if (done.has(at)) return;
    done.add(at);
    for (const to of next.get(at) ?? []) visit(to, [...way, at]);
  };
  for (const at of next.keys()) visit(at, []);
  return cycles;
}

const LONGEST = 300;
const EMPTY_NAMES = /(^|-)(utils?|helpers?|common|misc|managers?|types)$/;

function judgeFile(file: string, source: string, { startsProcesses, mayPrint }: Table): string[] {
  const breaches: string[] = [];
  const lines = source.split('\n').length - 1;
  if (lines > LONGEST) breaches.push(`${file}: ${lines} lines, at most ${LONGEST} expected`);
  for (const part of file.split('/')) {
    const name = part.replace(/(\.test|\.crash\.test)?\.ts$/, '');
    if (EMPTY_NAMES.test(name)) breaches.push(`${file}: ${name} does not say what is in it`);
    if (!/^[a-z0-9]+([.-][a-z0-9]+)*$/.test(name)) breaches.push(`${file}: ${name} is not in kebab-case`);
  }
  if (!file.startsWith('src/')) return breaches;
  const tokens = tokensOf(source);
  const stands = (...texts: string[]): boolean =>
    tokens.some((_, at) => texts.every((text, offset) => tokens[at + offset]?.text === text));
  if (/child_process/.test(source) && holds(startsProcesses, below(file)) === 0)
    breaches.push(`${file}: starts processes, and is not in the table for it`);
  if (stands('shell', ':') || /import[^;]*\bexec(Sync)?\b[^;]*child_process/.test(source))
    breaches.push(`${file}: goes through a shell`);
  if (stands('console', '.') && holds(mayPrint, below(file)) === 0) breaches.push(`${file}: prints to the console`);
  return breaches;
}
