import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createSecrets } from '../../src/drivers/secrets.ts';

async function secretFile(t: TestContext, text: string): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'lastgood-secret-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  await writeFile(join(root, 'pg'), text);
  return join(root, 'pg');
}

function secretsOf(environment: Record<string, string> = {}) {
  const remembered: string[] = [];
  return { remembered, resolve: createSecrets({ environment, remember: value => remembered.push(value) }) };
}

test('a secret is read from a file or a variable, and remembered before it is given out', async t => {
  const { resolve, remembered } = secretsOf({ PGPASSWORD: 'from-env' });
  for (const [text, value] of [
    ['plain', 'plain'],
    ['line\n', 'line'],
    ['crlf\r\n', 'crlf'],
    ['two\n\n', 'two\n'],
    [' kept ', ' kept '],
  ]) {
    assert.equal(await resolve({ from: 'file', path: await secretFile(t, text!) }), value);
  }
  assert.equal(await resolve({ from: 'env', variable: 'PGPASSWORD' }), 'from-env');
  assert.deepEqual(remembered, ['plain', 'line', 'crlf', 'two\n', ' kept ', 'from-env']);
});

test('what is not there is missing, and its place is named', async t => {
  const { resolve, remembered } = secretsOf({ EMPTY: '' });
  const path = await secretFile(t, '\n');
  await assert.rejects(resolve({ from: 'file', path }), {
    kind: 'missing',
    message: `secret file:${path}: it is empty`,
  });
  await assert.rejects(resolve({ from: 'file', path: `${path}2` }), {
    kind: 'missing',
    message: `secret file:${path}2: there is no such file`,
  });
  await assert.rejects(resolve({ from: 'env', variable: 'LOST' }), {
    kind: 'missing',
    message: 'secret env:LOST: not set',
  });
  await assert.rejects(resolve({ from: 'env', variable: 'EMPTY' }), { kind: 'missing' });
  assert.deepEqual(remembered, []);
});

test('a file too large, a directory and a pipe are refused', async t => {
  const { resolve } = secretsOf();
  const path = await secretFile(t, 'x'.repeat(64 * 1024 + 1));
  await assert.rejects(resolve({ from: 'file', path }), {
    kind: 'refused',
    message: /at most 65536 bytes expected, 65537 found/,
  });
  await assert.rejects(resolve({ from: 'file', path: join(path, '..') }), { kind: 'refused' });
  execFileSync('mkfifo', [`${path}.pipe`]);
  await assert.rejects(resolve({ from: 'file', path: `${path}.pipe` }), {
    kind: 'refused',
    message: /a plain file expected/,
  });
});
