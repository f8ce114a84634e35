import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { appendFile, chmod, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { type Disk, realDisk } from '../../../src/drivers/files/disk.ts';
import {
  checkStaged,
  completeStaging,
  findPosition,
  openStaging,
  type Swap,
  swapBack,
  swapIn,
} from '../../../src/drivers/files/swap.ts';
import { packTree, treeDigest, unpackTree } from '../../../src/drivers/files/tree.ts';
import type { RunId } from '../../../src/plan/ids.ts';
import { plant, scratch, never as signal } from './trees.ts';

const run = 'run-1' as RunId;

async function build(root: string): Promise<{ swap: Swap; live: string; release: string; room: string }> {
  await plant(root, 'live');
  await plant(`${root}.from`, 'release');
  const swap: Swap = { root, run, signal };
  await unpackTree(packTree(`${root}.from`, swap), await openStaging(swap), swap);
  const release = await completeStaging(swap);
  return { swap, release, live: await treeDigest(root, swap), room: join(root, '.lastgood', run) };
}

/** What a hand does to a tree that only lastgood should touch, its traces covered as well as they can be. */
const TOUCHES: Readonly<Record<string, (tree: string) => Promise<unknown>>> = {
  'a deep file written with its times set back': async tree => {
    await writeFile(join(tree, 'base', 'deep', 'row'), 'theirs row!'.slice(0, 8));
    await utimes(join(tree, 'base', 'deep', 'row'), 0, 0);
  },
  'a file appended to': tree => appendFile(join(tree, 'PG_VERSION'), '!'),
  'a deep file removed': tree => rm(join(tree, 'base', 'deep', 'row')),
  'a file added at the top': tree => writeFile(join(tree, 'theirs'), ''),
  'a mode changed': tree => chmod(join(tree, '.hidden'), 0o600),
};

for (const [what, touch] of Object.entries(TOUCHES)) {
  test(`a staged tree that was touched is found and not swapped in: ${what}`, async t => {
    const { swap, live, room } = await build(join(await scratch(t), 'root'));
    assert.equal((await checkStaged(swap)).verdict, 'passed');
    await touch(join(room, 'staged'));
    assert.equal((await checkStaged(swap)).verdict, 'failed');
    await assert.rejects(swapIn(swap), { kind: 'conflict', foreign: true, message: /touched since it was staged/ });
    assert.equal(await treeDigest(swap.root, swap), live);
  });

  test(`an outgoing tree that was touched is not put back unasked, and is once a person says so: ${what}`, async t => {
    const { swap, release, room } = await build(join(await scratch(t), 'root'));
    await swapIn(swap);
    await touch(join(room, 'outgoing'));
    await assert.rejects(swapBack(swap), {
      kind: 'conflict',
      foreign: true,
      message: /touched since it was set aside/,
    });
    assert.equal(await treeDigest(swap.root, swap), release, 'nothing was changed');
    await rm(join(room, 'set-aside'));
    await swapBack(swap);
    assert.equal(await findPosition(swap), 'before');
  });
}

test('a hand in the very tick of the clock in which an outgoing tree was set aside is found', async t => {
  for (let round = 0; round < 20; round += 1) {
    const { swap, room } = await build(join(await scratch(t), 'root'));
    const row = join(room, 'outgoing', 'base', 'deep', 'row');
    // Nothing is flushed, so that no tick goes by, and the hand comes with what is written next.
    const disk: Disk = {
      ...realDisk,
      async writeFile(path, text) {
        if (existsSync(join(room, 'set-aside'))) rmSync(row, { force: true });
        await writeFile(path, text);
      },
      syncDirectory: () => Promise.resolve(),
    };
    await swapIn({ ...swap, disk });
    assert.ok(!existsSync(row));
    await assert.rejects(swapBack(swap), { kind: 'conflict', message: /: base\/deep; nothing/ }, `round ${round}`);
  }
});

test('a staged tree that was only looked at, or given the same mode again, is swapped in', async t => {
  const { swap, release, room } = await build(join(await scratch(t), 'root'));
  await treeDigest(join(room, 'staged'), swap);
  await chmod(join(room, 'staged'), 0o2755);
  assert.equal((await checkStaged(swap)).verdict, 'passed');
  await swapIn(swap);
  assert.equal(await treeDigest(swap.root, swap), release);
});

test('an outgoing tree that is gone empties nothing: the swap back is refused, and the release stays', async t => {
  const { swap, release, room } = await build(join(await scratch(t), 'root'));
  await swapIn(swap);
  await rm(join(room, 'outgoing'), { recursive: true });
  await assert.rejects(swapBack(swap), { kind: 'missing', foreign: true, message: /is gone; nothing was changed/ });
  assert.equal(await treeDigest(swap.root, swap), release);
});

test('a staged tree that is gone is found before anything is touched', async t => {
  const { swap, room } = await build(join(await scratch(t), 'root'));
  await rm(room, { recursive: true });
  assert.equal((await checkStaged(swap)).verdict, 'failed');
});
