import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { EXIT_CODES } from '../../src/client/cli/exit-codes.ts';
import { lastgood } from './command-line.ts';

const MAIN = join(import.meta.dirname, '../../src/client/cli/main.ts');
const directory = mkdtempSync(join(tmpdir(), 'lg-cli-'));
after(() => rmSync(directory, { recursive: true }));

/** The words of a usage fault, as they are typed wrong. */
const WRONG: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['a misspelt command', ['plna', 'n3xus'], /unknown command 'plna' \(Did you mean plan\?\)/],
  ['a misspelt option', ['run', 'n3xus', '--relase', '1'], /unknown option '--relase' \(Did you mean --release\?\)/],
  ['a missing platform', ['plan'], /missing required argument 'platform'/],
  ['a name that no platform can have', ['plan', 'N3XUS!'], /1 to 63 of a-z 0-9/],
  ['an unknown severity', ['run', 'n3xus', '--severity', 'P9'], /one of P0, P1, P2, P3 expected, did you mean P0\?/],
  ['an unknown answer', ['decide', 'n3xus', 'rettry'], /one of retry, revert, handover expected, did you mean retry\?/],
  ['a confirmation without a hash', ['confirm', 'n3xus'], /required option '--hash <hash>' not specified/],
  ['a data choice that is none', ['run', 'n3xus', '--data', 'money=drop'], /target=restore or target=keep expected/],
  ['rows that are no number', ['plan', 'n3xus', '--accept-loss', 'many'], /a whole number of rows expected/],
  ['a time that is none', ['watch', 'n3xus', '--timeout', 'soon'], /a time expected, as 90s, 10m or 2h/],
  ['an argument too many', ['status', 'n3xus', 'n3xus'], /too many arguments/],
  ['an unknown format', ['status', '-o', 'yaml'], /Allowed choices are text, json/],
  ['an unknown variable', ['status'], /LASTGOOD_STAT: there is no such variable, did you mean LASTGOOD_STATE\?/],
];

describe('arguments', () => {
  for (const [what, args, expected] of WRONG) {
    it(`refuses ${what} with exit 2, in text and in JSON, and changes nothing`, async () => {
      const env = what === 'an unknown variable' ? { LASTGOOD_STAT: '/x' } : {};
      const text = await lastgood(args, { env });
      assert.equal(text.code, 2, text.stderr);
      assert.match(text.stderr, expected);
      assert.equal(text.stdout, '');

      const json = await lastgood([...args.filter(word => !['-o', 'yaml'].includes(word)), '-o', 'json'], { env });
      if (args.includes('yaml')) return;
      const document = JSON.parse(json.stdout);
      assert.equal(json.code, 2);
      assert.equal(document.schemaVersion, 1);
      assert.equal(document.error.kind, 'usage');
      assert.equal(document.error.changed, 'no');
      assert.equal(document.error.exitCode, 2);
      assert.match(document.error.message, expected);
      assert.equal(json.stderr, '');
    });
  }

  it('takes --help after a command as help, never as an argument', async () => {
    for (const args of [
      ['run', '--help'],
      ['run', 'n3xus', '-h'],
      ['help', 'run'],
      ['release', 'record', '--help'],
    ]) {
      const { code, stdout } = await lastgood(args);
      assert.equal(code, 0);
      assert.match(stdout, /Usage: lastgood (run|release record)/);
    }
  });

  it('documents every exit code in its help', async () => {
    const { stdout } = await lastgood(['--help']);
    for (const [code, meaning] of EXIT_CODES) assert.ok(stdout.includes(`  ${code}  ${meaning}`));
    assert.deepEqual(
      EXIT_CODES.map(([code]) => code),
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    );
  });

  it('loads neither Temporal nor the schema for --help, and does for a command that needs them', () => {
    const hooks = `import { registerHooks } from 'node:module';
      registerHooks({ resolve(specifier, context, next) {
        if (/^(@temporalio|zod|yaml)/.test(specifier)) throw new Error('loaded ' + specifier);
        return next(specifier, context);
      } });`;
    const preload = `data:text/javascript,${encodeURIComponent(hooks)}`;
    const run = (...args: string[]) =>
      spawnSync(process.execPath, ['--import', preload, MAIN, ...args], { encoding: 'utf8', timeout: 30_000 });
    assert.equal(run('--help').status, 0);
    assert.equal(run('run', '--help').status, 0);
    const needing = run('status');
    assert.equal(needing.status, 1);
    assert.match(needing.stderr, /loaded @temporalio/);
  });
});

describe('lastgood validate', () => {
  const plan = join(import.meta.dirname, '../../examples/n3xus/plan.yaml');

  it('says what a valid plan holds, without a server', async () => {
    const { code, stdout } = await lastgood(['validate', plan]);
    assert.equal(code, 0);
    assert.match(stdout, /plan\.yaml: valid\. Platform n3xus: \d+ targets, 5 tiers/);
  });

  it('gives every fault of every file with its place, and exit 2', async () => {
    const bad = join(directory, 'bad.yaml');
    writeFileSync(bad, 'version: 1\nplatform: n3xus\ntiesr: [a]\n');
    const { code, stdout } = await lastgood(['validate', plan, bad, join(directory, 'none.yaml')]);
    assert.equal(code, 2);
    assert.match(stdout, /bad\.yaml:3:1: tiesr: unknown key, .* did you mean tiers\?/);
    assert.match(stdout, /none\.yaml: cannot be read \(ENOENT\)/);
    const json = JSON.parse((await lastgood(['validate', bad, '-o', 'json'])).stdout);
    assert.equal(json.schemaVersion, 1);
    assert.equal(json.files[0].valid, false);
    assert.deepEqual([json.files[0].faults[0].line > 0, json.files[0].faults[0].file], [true, bad]);
  });
});

describe('lastgood worker', () => {
  it('ends with the exit code of the worker that it spawned', () => {
    const env = { ...process.env, LASTGOOD_HOST: 'Not A Host' };
    const { status, stderr } = spawnSync(process.execPath, [MAIN, 'worker'], {
      encoding: 'utf8',
      timeout: 60_000,
      env,
    });
    assert.match(stderr, /LASTGOOD_HOST/);
    assert.equal(status, 2);
  });
});
