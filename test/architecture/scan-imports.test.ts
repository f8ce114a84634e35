import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { COMPUTED, scanImports } from './scan-imports.ts';
import { readTree } from './tree.ts';

const found = (source: string): string[] => scanImports(source).map(({ how, specifier }) => `${how} ${specifier}`);

test('every form of import is seen, and types are told from values', () => {
  const forms: readonly (readonly [string, string])[] = [
    ["import a from 'x'", 'value x'],
    ["import 'x';", 'value x'],
    ["import a, {\n  b as c,\n} from 'x';", 'value x'],
    ["import * as a from 'x'", 'value x'],
    ["import type a from 'x'", 'type x'],
    ["import type { a } from 'x'", 'type x'],
    ["import type from 'x'", 'value x'],
    ["import { type A } from 'x'", 'value x'],
    ["export { a, b } from 'x'", 'value x'],
    ["export * from 'x'", 'value x'],
    ["export * as a from 'x'", 'value x'],
    ["export type { A } from 'x'", 'type x'],
    ["export type * from 'x'", 'type x'],
    ["const a = await import('x')", 'dynamic x'],
    ["import(\n'x',\n{})", 'dynamic x'],
    ['import(`x`)', `dynamic ${COMPUTED}`],
    ['import(name)', `dynamic ${COMPUTED}`],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a source
    ["`${await import('x')} and ${1}`; import 'y'", 'dynamic x,value y'],
  ];
  for (const [source, expected] of forms) assert.equal(found(source).join(','), expected, source);
});

test('what only looks like an import is none', () => {
  const others = [
    "// import 'x'",
    "/* import 'x' */",
    'const a = "import \'x\'";',
    "const a = `import 'x'`;",
    "const a = /import 'x'/;",
    'a.import; import.meta.url; export const from = 1;',
    "export type A = { from: 'x' };",
    "export { a }; const from = 'x'",
    "({ import: 'x' })",
  ];
  for (const source of others) assert.deepEqual(found(source), [], source);
});

test('a division, a quote in a pattern or a brace in a template does not lead it astray', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a source
  const sources = ["const a = b / c; const d = /'/;", "x.split(/[/'`]/)", '`{ } ${{ a: `}` }} `', 'a[1] / 2; f() / 3'];
  for (const source of sources) assert.deepEqual(found(`${source}\nimport 'y';`), ['value y'], source);
});

test('over all sources it sees what the engine would load', async () => {
  const root = join(import.meta.dirname, '../..');
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const program = [...flags, join(import.meta.dirname, 'engine-imports.ts'), root];
  const { stdout } = await promisify(execFile)(process.execPath, program, { timeout: 60_000, maxBuffer: 1e8 });
  const engine = JSON.parse(stdout) as Record<string, string[]>;
  const tree = readTree(root, ['src', 'test', 'testbed']);
  assert.deepEqual(Object.keys(engine), [...tree.keys()]);
  for (const [file, source] of tree) {
    const values = scanImports(source).filter(({ how }) => how === 'value');
    assert.deepEqual([...new Set(values.map(({ specifier }) => specifier))].sort(), engine[file], file);
  }
});
