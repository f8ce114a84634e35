import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { packTree, treeDigest, unpackTree } from '../../src/drivers/files/tree.ts';
import { createDirectorySnapshotStore } from '../../src/snapshots/directory-store.ts';
import { FRAME_BYTES } from '../../src/snapshots/frames.ts';
import { about, facts, noise, pathsIn, quiet, scratch, never as signal } from './store.ts';

test('a tree goes through a snapshot and comes back the same', async t => {
  const directory = await scratch(t);
  const [from, to] = [join(directory, 'from'), join(directory, 'to')];
  await mkdir(join(from, 'base'), { recursive: true });
  await writeFile(join(from, 'base', 'rows'), noise(3 * FRAME_BYTES + 11));
  await writeFile(join(from, 'PG_VERSION'), '15');
  await mkdir(to);
  const store = createDirectorySnapshotStore({ directory: join(directory, 'store') });
  const writer = await store.create(about);
  await writer.write('ledger-data', packTree(from, { signal }), quiet);
  const { id } = await writer.publish(facts);
  const reader = await store.open(id);
  await unpackTree(reader.read('ledger-data', signal), to, { signal });
  assert.equal(await treeDigest(to, { signal }), await treeDigest(from, { signal }));
});

test('a capture of a tree that is aborted in the middle leaves no file and no child', async t => {
  const directory = await scratch(t);
  const from = join(directory, 'from');
  await mkdir(from);
  await writeFile(join(from, 'rows'), noise(8 * FRAME_BYTES));
  const home = join(directory, 'store');
  const writer = await createDirectorySnapshotStore({ directory: home }).create(about);
  const stop = new AbortController();
  const write = writer.write('data', packTree(from, { signal: stop.signal }), {
    signal: stop.signal,
    progress: () => stop.abort(),
  });
  await assert.rejects(write, { name: 'DriverError', kind: 'unavailable' });
  await writer.discard();
  assert.deepEqual(await pathsIn(home), [about.platform]);
  const commands = await Promise.all(
    (await readdir('/proc'))
      .filter(name => /^\d+$/.test(name))
      .map(pid => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  assert.deepEqual(
    commands.filter(command => command.includes(`--directory=${from}`)),
    [],
  );
});
