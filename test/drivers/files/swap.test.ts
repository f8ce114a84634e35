import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { lstat, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import {
  completeStaging,
  drop,
  findPosition,
  findStaged,
  isCleared,
  isSwappedIn,
  openStaging,
  type Swap,
  settle,
  swapBack,
  swapIn,
} from '../../../src/drivers/files/swap.ts';
import { packTree, treeDigest, unpackTree } from '../../../src/drivers/files/tree.ts';
import type { RunId } from '../../../src/plan/ids.ts';
import { crashingDisk } from './crashing-disk.ts';
import { plant, scratch, never as signal } from './trees.ts';

const exec = promisify(execFile);
const run = 'run-1' as RunId;

/** A live tree, and the release staged beside it from a pack, as a snapshot is. */
async function build(root: string): Promise<{ swap: Swap; live: string; release: string }> {
  const from = `${root}.from`;
  for (const path of [root, from]) await rm(path, { recursive: true, force: true });
  await plant(root, 'live');
  await plant(from, 'release');
  const swap: Swap = { root, run, signal };
  const release = await treeDigest(from, swap);
  await unpackTree(packTree(from, swap), await openStaging(swap), swap);
  assert.equal(await completeStaging(swap, release), release);
  return { swap, live: await treeDigest(root, swap), release };
}

test('goes in, back and in again, with the mode and owner of the root, and settles to nothing beside it', async t => {
  const root = join(await scratch(t), 'root');
  const { swap, live, release } = await build(root);
  const [before, { ino }] = [await lstat(root), await lstat(root)];
  assert.equal(await findStaged(swap), release);
  assert.deepEqual(
    [await findPosition(swap), await isSwappedIn(swap), await isCleared(swap)],
    ['before', false, false],
  );
  for (const _ of [1, 2]) {
    await swapIn(swap);
    await swapIn(swap);
    assert.equal(await treeDigest(root, swap), release);
    assert.equal(await isSwappedIn(swap), true);
    assert.equal(
      await treeDigest(join(root, '.lastgood', run, 'outgoing'), swap),
      live,
      'the outgoing tree, its own mode too',
    );
    await swapBack(swap);
    await swapBack(swap);
    assert.equal(await treeDigest(root, swap), live);
    assert.deepEqual([(await lstat(root)).mode, (await lstat(root)).uid], [before.mode, before.uid]);
  }
  await swapIn(swap);
  await settle(swap);
  await settle(swap);
  assert.equal(await treeDigest(root, swap), release);
  assert.equal((await lstat(root)).ino, ino);
  assert.equal((await readdir(root)).includes('.lastgood'), false);
  assert.deepEqual([await findPosition(swap), await isCleared(swap)], ['none', true]);
});

test('a tree that was never staged to its end is not swapped in, and staging it again begins anew', async t => {
  const root = join(await scratch(t), 'root');
  await plant(root, 'live');
  const swap = { root, run, signal };
  const live = await treeDigest(root, swap);
  await assert.rejects(swapIn(swap), { kind: 'refused', message: /nothing was changed/ });
  await writeFile(join(await openStaging(swap), 'half'), 'a part');
  assert.equal(await findPosition(swap), 'unfinished');
  await assert.rejects(swapIn(swap), { kind: 'refused' });
  await assert.rejects(settle(swap), { kind: 'conflict' });
  assert.deepEqual(await readdir(await openStaging(swap)), []);
  await assert.rejects(completeStaging(swap, 'f'.repeat(64)), { kind: 'corrupt', message: /expected, .* found/ });
  await assert.rejects(swapIn(swap), { kind: 'refused' });
  await drop(swap);
  assert.equal(await treeDigest(root, swap), live);
  assert.equal(await isCleared(swap), true);
});

test('dropping is refused while swapped in, settling while not, and either in the middle', async t => {
  const root = join(await scratch(t), 'root');
  const { swap, live } = await build(root);
  await assert.rejects(openStaging(swap), { kind: 'conflict', message: /staged already/ });
  await assert.rejects(settle(swap), { kind: 'conflict' });
  await assert.rejects(swapIn({ ...swap, disk: crashingDisk(12, 'after').disk }));
  assert.equal(await findPosition(swap), 'between');
  for (const verb of [settle, drop]) await assert.rejects(verb(swap), { kind: 'conflict', next: /forward or back/ });
  await swapIn(swap);
  await assert.rejects(drop(swap), { kind: 'conflict' });
  await swapBack(swap);
  assert.equal(await treeDigest(root, swap), live);
});

test('what the release wrote at the top goes out with it', async t => {
  const root = join(await scratch(t), 'root');
  const { swap, live } = await build(root);
  await swapIn(swap);
  await writeFile(join(root, 'postmaster.pid'), '1');
  await rm(join(root, 'PG_VERSION'));
  await swapBack(swap);
  assert.equal(await treeDigest(root, swap), live);
  await assert.rejects(swapIn(swap), { kind: 'conflict', message: /written to while it was live/ });
});

test('an entry that appears in the middle stops the swap, is never replaced, and both ways go on once it is away', async t => {
  const root = join(await scratch(t), 'root');
  const { swap, release } = await build(root);
  await assert.rejects(swapIn({ ...swap, disk: crashingDisk(9, 'after').disk }));
  const [moved] = await readdir(join(root, '.lastgood', run, 'outgoing'));
  await writeFile(join(root, moved ?? ''), 'a stranger');
  for (const verb of [swapIn, swapBack]) await assert.rejects(verb(swap), { kind: 'conflict', message: /half done/ });
  await rm(join(root, moved ?? ''));
  await swapIn(swap);
  assert.equal(await treeDigest(root, swap), release);
});

test('a root with a mount inside is refused before anything moves', async t => {
  const root = join(await scratch(t), 'root');
  const { swap, live } = await build(root);
  await exec('mount', ['--bind', join(root, 'base'), join(root, 'empty')]);
  try {
    await assert.rejects(swapIn(swap), {
      kind: 'refused',
      message: /empty is mounted inside it .*nothing was changed/,
    });
  } finally {
    await exec('umount', [join(root, 'empty')]);
  }
  assert.equal(await treeDigest(root, swap), live);
});

test('a link in the place of our own directories, and a run id that leads elsewhere, are refused', async t => {
  const directory = await scratch(t);
  const root = join(directory, 'root');
  await plant(root, 'live');
  await mkdir(join(directory, 'elsewhere'));
  await symlink('../elsewhere', join(root, '.lastgood'));
  await assert.rejects(openStaging({ root, run, signal }), { kind: 'conflict' });
  for (const id of ['..', '../x', '', 'a/b', '.hidden']) {
    await assert.rejects(async () => openStaging({ root, run: id as RunId, signal }), { kind: 'refused' }, id);
  }
  assert.deepEqual(await readdir(join(directory, 'elsewhere')), []);
});

test('outgoing entries are never dropped because what says so was lost', async t => {
  const root = join(await scratch(t), 'root');
  const { swap } = await build(root);
  await swapIn(swap);
  const room = join(root, '.lastgood', run);
  await rm(join(room, 'journal.json'));
  for (const verb of [drop, settle]) await assert.rejects(verb(swap), { kind: 'corrupt' });
  await rm(join(room, 'complete.json'));
  for (const verb of [drop, settle, openStaging]) await assert.rejects(verb(swap), { kind: 'corrupt' });
  assert.ok((await readdir(join(room, 'outgoing'))).includes('only-live'));
});

test('a full disk refuses the unpack, and the live tree stands as it was', async t => {
  const directory = await scratch(t);
  const from = join(directory, 'from');
  await plant(from, 'release');
  await writeFile(join(from, 'big'), Buffer.alloc(8 * 1024 * 1024, 'x'));
  const small = join(directory, 'small');
  await mkdir(small);
  await exec('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', small]);
  try {
    const root = join(small, 'root');
    await plant(root, 'live');
    const swap = { root, run, signal };
    const live = await treeDigest(root, swap);
    await assert.rejects(unpackTree(packTree(from, swap), await openStaging(swap), swap), {
      kind: 'refused',
      message: /No space left on device/,
      next: /free some space/,
    });
    await assert.rejects(swapIn(swap), { kind: 'refused' });
    await drop(swap);
    assert.equal(await treeDigest(root, swap), live);
  } finally {
    await exec('umount', [small]);
  }
});

const killed = `
import { renameSync } from 'node:fs';
import { realDisk } from '${new URL('../../../src/drivers/files/disk.ts', import.meta.url).href}';
import { swapIn } from '${new URL('../../../src/drivers/files/swap.ts', import.meta.url).href}';
const [root, run, at] = process.argv.slice(1);
let left = Number(at);
const disk = new Proxy(realDisk, { get: (real, name) => async (...args) => {
  if (left-- === 0) process.kill(process.pid, 'SIGKILL');
  return real[name](...args);
} });
await swapIn({ root, run, signal: new AbortController().signal, disk });
`;

test('a process killed for good in the middle of a swap leaves one that ends whole, both ways', async t => {
  const root = join(await scratch(t), 'root');
  for (let at = 1; at <= 31; at += 3) {
    for (const next of [swapIn, swapBack]) {
      const { swap, live, release } = await build(root);
      const child = spawn(process.execPath, ['--input-type=module', '-e', killed, root, run, String(at)], {
        stdio: 'ignore',
      });
      const signalled = await new Promise(resolve => child.on('exit', (_, name) => resolve(name)));
      assert.equal(signalled, 'SIGKILL', `killed before change ${at}`);
      await next(swap);
      assert.equal(
        await treeDigest(root, swap),
        next === swapIn ? release : live,
        `killed before change ${at}, then ${next.name}`,
      );
    }
  }
});
