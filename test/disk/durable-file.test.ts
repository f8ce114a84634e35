import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeDirectory, replace, writeFlushed, writeOnce } from '../../src/disk/durable-file.ts';

async function folder(t: TestContext): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'lastgood-disk-'));
  t.after(() => rm(made, { recursive: true, force: true }));
  return made;
}
const bytes = (text: string): Uint8Array => Buffer.from(text);

test('of many writers of one name one wins, and the others are told', async t => {
  const path = join(await folder(t), 'entry');
  const texts = Array.from({ length: 20 }, (_, n) => `writer ${n}`);
  const won = await Promise.all(texts.map(text => writeOnce(path, bytes(text))));
  assert.equal(won.filter(Boolean).length, 1);
  assert.equal(await readFile(path, 'utf8'), texts[won.indexOf(true)]);
  assert.deepEqual(await readdir(join(path, '..')), ['entry']);
});

test('a file is replaced whole, whoever reads meanwhile', async t => {
  const path = join(await folder(t), 'head');
  await replace(path, bytes('a'.repeat(10_000)));
  const writing = Promise.all(['b', 'c', 'd'].map(one => replace(path, bytes(one.repeat(10_000)))));
  for (let read = 0; read < 50; read += 1) assert.match(await readFile(path, 'utf8'), /^(a|b|c|d)\1{9999}$/);
  await writing;
  assert.deepEqual(await readdir(join(path, '..')), ['head']);
});

test('a replacing that fails leaves what was there, and nothing beside it', async t => {
  const root = await folder(t);
  await mkdir(join(root, 'taken', 'full'), { recursive: true });
  await assert.rejects(replace(join(root, 'taken'), bytes('new')), { code: 'EISDIR' });
  assert.deepEqual(await readdir(root), ['taken']);
});

test('only the owner may read what is written, and enter what is made', async t => {
  const root = await folder(t);
  const home = join(root, 'state', 'releases');
  await makeDirectory(home);
  await writeFlushed(join(home, 'key'), 'secret');
  for (const path of [join(root, 'state'), home]) assert.equal((await stat(path)).mode & 0o777, 0o700);
  assert.equal((await stat(join(home, 'key'))).mode & 0o777, 0o600);
});

test('a file is not written over unless that is asked for', async t => {
  const path = join(await folder(t), 'manifest');
  await writeFile(path, 'first');
  await assert.rejects(writeFlushed(path, 'second'), { code: 'EEXIST' });
  await writeFlushed(path, 'second', 'w');
  assert.equal(await readFile(path, 'utf8'), 'second');
});
