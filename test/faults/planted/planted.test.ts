import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { endingWithUs } from '../../../testbed/process/with-us.ts';
import { only } from '../../support/only.ts';
import { useTemporal } from '../../support/temporal.ts';
import { say } from '../world/say.ts';
import { BUGS, type Bug } from './bugs.ts';
import { CASES } from './cases.ts';
import { makeTrees } from './tree.ts';

const { address } = await useTemporal();

interface Finding {
  readonly played: string;
  readonly failure?: string;
}

/** Plays cases in that tree. @returns what each found */
async function playIn(path: string, cases: readonly string[]): Promise<readonly Finding[]> {
  const { out } = await run(path, [join(path, 'test/faults/planted/play-cases.ts'), ...cases]);
  return out
    .split('\n')
    .filter(line => line.startsWith('{"played"'))
    .map(line => JSON.parse(line) as Finding);
}

/** A test that failed by itself, as Node's runner tells it in TAP: its title, and what it says of the failure. */
const FAILED =
  /^( *)not ok \d+ - (.*)\n(?:\1 {2}.*\n)*?\1 {2}failureType: 'testCodeFailure'\n\1 {2}error: ([\s\S]*?)\n\1 {2}stack:/gm;

/** Runs a test file of that tree. @returns the tests that failed, each with what it says: a title alone tells no reason */
async function testIn(path: string, { file, names }: NonNullable<Bug['test']>): Promise<readonly Finding[]> {
  const chosen = names === undefined ? [] : [`--test-name-pattern=${names}`];
  const args = ['--test', '--test-force-exit', '--test-reporter=tap', ...chosen, join(path, file)];
  const { out, code } = await run(path, args);
  if (code === 0) return [];
  const failed = [...out.matchAll(FAILED)].map(([, , title, said]) => ({ played: file, failure: `${title}\n${said}` }));
  return failed.length > 0 ? failed : [{ played: file, failure: `exit code ${code}, and no test says why` }];
}

async function run(cwd: string, args: readonly string[]): Promise<{ out: string; code: number | null }> {
  // What a test runner tells its children would make this one speak its protocol.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { command, args: all } = endingWithUs(process.execPath, args);
  const child = spawn(command, all, {
    cwd,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...env, LASTGOOD_TEST_TEMPORAL: address },
  });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', text => {
    out += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { out, code };
}

const AT_ONCE = 2;
const bugs = only(BUGS, ({ what }) => what);

describe('a bug planted in our own code', { concurrency: AT_ONCE }, async () => {
  const found: string[] = [];
  const trees = await makeTrees(AT_ONCE);
  after(() => trees.remove());
  after(() => say(`planted bugs found: ${found.length} of ${bugs.length}`));

  it('none: all cases pass on the code as it is', () =>
    trees.using(undefined, async path => {
      const findings = await playIn(path, Object.keys(CASES));
      assert.deepEqual(
        findings.filter(({ failure }) => failure !== undefined),
        [],
      );
      assert.equal(findings.length, Object.keys(CASES).length);
      // A test file that fails anyway finds nothing.
      for (const { test } of bugs) if (test !== undefined) assert.deepEqual(await testIn(path, test), []);
    }));

  for (const bug of bugs) {
    it(`is found: ${bug.what}`, () =>
      trees.using(bug, async path => {
        const findings = [
          ...(bug.cases === undefined ? [] : await playIn(path, bug.cases)),
          ...(bug.test === undefined ? [] : await testIn(path, bug.test)),
        ];
        const caught = findings.find(({ failure }) => failure !== undefined && bug.by.test(failure));
        assert.ok(caught, `nothing found it as ${bug.by}: ${JSON.stringify(findings)}`);
        found.push(bug.what);
        const by = /^\+ *'(I\d\.[a-z-]+:[^']*)/m.exec(caught.failure!)?.[1] ?? caught.failure!.split('\n')[0];
        say(`planted "${bug.what}" in ${bug.file}: found by "${caught.played}": ${by?.slice(0, 200)}`);
      }));
  }
});
