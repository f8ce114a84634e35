import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import {
  completeStaging,
  drop,
  findPosition,
  isCleared,
  openStaging,
  type Swap,
  settle,
  swapBack,
  swapIn,
} from '../../../src/drivers/files/swap.ts';
import { treeDigest } from '../../../src/drivers/files/tree.ts';
import type { RunId } from '../../../src/plan/ids.ts';
import { Crash, crashingDisk } from './crashing-disk.ts';
import { never, plant, scratch } from './trees.ts';

const run = 'crash-1' as RunId;
type Verb = 'swapIn' | 'swapBack';
const verbs = { swapIn, swapBack };

interface World {
  readonly swap: Swap;
  readonly live: string;
  readonly release: string;
}

/** A live tree with the release staged beside it, and already swapped in when the way back is to be tried. */
async function build(root: string, verb: Verb): Promise<World> {
  await rm(root, { recursive: true, force: true });
  await plant(root, 'live');
  const swap = { root, run, signal: never };
  const live = await treeDigest(root, swap);
  await plant(await openStaging(swap), 'release');
  const release = await completeStaging(swap);
  if (verb === 'swapBack') await swapIn(swap);
  return { swap, live, release };
}

async function changesOf(root: string, verb: Verb): Promise<number> {
  const { swap } = await build(root, verb);
  const counting = crashingDisk();
  await verbs[verb]({ ...swap, disk: counting.disk });
  return counting.count();
}

for (const verb of ['swapIn', 'swapBack'] as const) {
  for (const power of [false, true]) {
    const how = power ? 'a power cut that loses what was not flushed' : 'a kill';
    test(`${how} before and after every change of ${verb} leaves a swap that ends whole, both ways`, async t => {
      const root = join(await scratch(t), 'root');
      const changes = await changesOf(root, verb);
      assert.ok(changes * 2 >= 60, `${changes} changes give fewer than 60 points`);
      for (let at = 1; at <= changes; at += 1) {
        for (const when of ['before', 'after'] as const) {
          for (const next of ['swapIn', 'swapBack'] as const) {
            const world = await build(root, verb);
            const crashing = crashingDisk(at, when);
            await assert.rejects(verbs[verb]({ ...world.swap, disk: crashing.disk }), isCrash);
            if (power) await crashing.losePower();
            const point = `${when} change ${at} of ${verb}, then ${next}`;
            await verbs[next](world.swap);
            assert.equal(await treeDigest(root, world.swap), next === 'swapIn' ? world.release : world.live, point);
            assert.equal(await findPosition(world.swap), next === 'swapIn' ? 'after' : 'before', point);
            const other = next === 'swapIn' ? 'swapBack' : 'swapIn';
            await verbs[other](world.swap);
            assert.equal(
              await treeDigest(root, world.swap),
              other === 'swapIn' ? world.release : world.live,
              `${point}, then ${other}`,
            );
          }
        }
      }
    });
  }
}

test('a second crash while the first is being mended leaves a swap that still ends whole', async t => {
  const root = join(await scratch(t), 'root');
  const changes = await changesOf(root, 'swapIn');
  for (let at = 3; at <= changes; at += 4) {
    for (let again = 1; again <= 12; again += 3) {
      const world = await build(root, 'swapIn');
      await assert.rejects(swapIn({ ...world.swap, disk: crashingDisk(at, 'after').disk }), isCrash);
      await swapBack({ ...world.swap, disk: crashingDisk(again, 'before').disk }).catch(error =>
        assert.ok(isCrash(error)),
      );
      await swapIn(world.swap);
      assert.equal(await treeDigest(root, world.swap), world.release, `crash at ${at}, again at ${again}`);
    }
  }
});

for (const verb of ['settle', 'drop'] as const) {
  test(`a kill before and after every change of ${verb} leaves the live tree whole, and ${verb} again ends it`, async t => {
    const root = join(await scratch(t), 'root');
    for (let at = 1, died = true; died; at += 1) {
      for (const when of ['before', 'after'] as const) {
        const world = await build(root, verb === 'settle' ? 'swapBack' : 'swapIn');
        const expected = verb === 'settle' ? world.release : world.live;
        const act = verb === 'settle' ? settle : drop;
        const end = await act({ ...world.swap, disk: crashingDisk(at, when).disk }).catch(error => error as unknown);
        died = isCrash(end);
        assert.equal(await treeDigest(root, world.swap), expected, `${when} change ${at}`);
        await act(world.swap);
        assert.equal(await treeDigest(root, world.swap), expected, `${when} change ${at}, again`);
        assert.equal(await isCleared(world.swap), true, `${when} change ${at}`);
      }
    }
  });
}

test('this test would see a swap that does not flush: with a disk that loses it, trees are mixed or stuck', async t => {
  const root = join(await scratch(t), 'root');
  const changes = await changesOf(root, 'swapIn');
  let seen = 0;
  for (let at = 1; at <= changes; at += 1) {
    const world = await build(root, 'swapIn');
    const crashing = crashingDisk(at, 'after', path => path.endsWith(run));
    await assert.rejects(swapIn({ ...world.swap, disk: crashing.disk }), isCrash);
    try {
      await crashing.losePower();
      await swapIn(world.swap);
      if ((await treeDigest(root, world.swap)) !== world.release) seen += 1;
    } catch {
      seen += 1;
    }
  }
  assert.ok(seen > 0, 'no planted loss was seen');
});

const isCrash = (error: unknown): boolean => (error as { cause?: unknown } | undefined)?.cause instanceof Crash;
