import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { run } from '../../testbed/process/run.ts';

const directory = await mkdtemp(join(tmpdir(), 'lg-verdict-'));
const RUNNER = join(import.meta.dirname, '../run.ts');
after(() => rm(directory, { recursive: true, force: true }));

const FILES: readonly (readonly [what: string, text: string, code: number])[] = [
  ['a test that passes', `it('passes', () => {});`, 0],
  ['a test that fails', `it('fails', () => { throw new Error('broken'); });`, 1],
  [
    'what a suite does after its tests',
    `describe('s', () => { after(() => { throw new Error('broken'); }); it('passes', () => {}); });`,
    1,
  ],
  [
    'what a suite does before its tests',
    `it('passes', () => {}); describe('s', async () => { throw new Error('broken'); });`,
    1,
  ],
  ['no test at all', '', 1],
  [
    'a file that hangs, with something open, past its deadline',
    `setInterval(() => {}, 1_000); it('passes', () => {}); after(() => new Promise(() => {}));`,
    1,
  ],
];

describe('the exit code of a run of tests', { concurrency: 2 }, () => {
  for (const [index, [what, text, code]] of FILES.entries())
    it(`is ${code} by ${what}`, async () => {
      const file = join(directory, `${index}.test.ts`);
      await writeFile(file, `import { after, describe, it } from 'node:test';\n${text}\n`);
      // What a test runner tells its children would make this one run nothing.
      const { NODE_TEST_CONTEXT: _, ...env } = process.env;
      const ran = await run(process.execPath, [RUNNER, file], {
        deadlineMs: 120_000,
        env: { ...env, LASTGOOD_TEST_DEADLINE: '5000' },
      });
      assert.equal(ran.code, code, ran.stdout + ran.stderr);
    });
});
