import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { inspect } from 'node:util';
import { createKeyFile, deriveKey, fingerprintWith, loadKey } from '../../src/releases/key.ts';

async function keyPath(t: TestContext): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'lastgood-key-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  return join(root, 'state', 'key');
}

test('a key file holds 32 bytes that only its owner may read, and no two are equal', async t => {
  const path = await keyPath(t);
  await createKeyFile(path);
  await createKeyFile(`${path}2`);
  const about = await stat(path);
  assert.deepEqual([about.size, about.mode & 0o777], [32, 0o600]);
  assert.notDeepEqual(await readFile(path), await readFile(`${path}2`));
});

test('a key is never written over', async t => {
  const path = await keyPath(t);
  await createKeyFile(path);
  const before = await readFile(path);
  await assert.rejects(createKeyFile(path), { kind: 'conflict', message: /nothing was written over it/ });
  assert.deepEqual(await readFile(path), before);
});

test('a key that is missing, open to others, or of another size is not used', async t => {
  const path = await keyPath(t);
  await assert.rejects(loadKey(path), {
    kind: 'missing',
    message: `key ${path}: there is no such file`,
    next: /lastgood setup/,
  });
  await createKeyFile(path);
  for (const mode of [0o640, 0o604, 0o660, 0o610]) {
    await chmod(path, mode);
    await assert.rejects(loadKey(path), {
      kind: 'refused',
      message: `key ${path}: mode 0600 expected, 0${mode.toString(8)} found: others may read it`,
      next: /chmod 600/,
    });
  }
  await chmod(path, 0o600);
  await writeFile(path, Buffer.alloc(31));
  await assert.rejects(loadKey(path), { kind: 'corrupt', message: `key ${path}: 32 bytes expected, 31 found` });
});

test('a loaded key does not show its bytes', async t => {
  const path = await keyPath(t);
  await createKeyFile(path);
  const key = await loadKey(path);
  const bytes = await readFile(path);
  for (const shown of [inspect(key, { depth: 9 }), JSON.stringify(key), String(key)]) {
    assert.ok(!shown.includes(bytes.toString('hex')) && !shown.includes(bytes.toString('base64')));
  }
});

test('fingerprints are equal for equal texts under one key, and under no other', async t => {
  const path = await keyPath(t);
  await createKeyFile(path);
  await createKeyFile(`${path}2`);
  const [one, again, other] = [await loadKey(path), await loadKey(path), await loadKey(`${path}2`)];
  assert.match(fingerprintWith(one)('A=1'), /^[0-9a-f]{64}$/);
  assert.equal(fingerprintWith(one)('A=1'), fingerprintWith(again)('A=1'));
  assert.notEqual(fingerprintWith(one)('A=1'), fingerprintWith(one)('A=2'));
  assert.notEqual(fingerprintWith(one)('A=1'), fingerprintWith(other)('A=1'));
  assert.notDeepEqual(deriveKey(one, 'a').export(), deriveKey(one, 'b').export());
});
