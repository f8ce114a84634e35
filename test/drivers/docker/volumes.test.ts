import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { capabilitySuite } from '../../contracts/capabilities.ts';
import { observableSuite } from '../../contracts/observable.ts';
import { plainCall, plainLook, RUN } from '../../contracts/plain-call.ts';
import { rejectsAs } from '../../contracts/rejects.ts';
import { restorableSuite } from '../../contracts/restorable.ts';
import { snapshottableSuite } from '../../contracts/snapshottable.ts';
import { engineUnderTest } from './engine-under-test.ts';
import { volumeWorld } from './volume-scenes.ts';

const engine = engineUnderTest();
const made = volumeWorld(engine);
const world = () => made;

describe('volumes: what the table of kinds says', () => capabilitySuite(world));
describe('volumes: observed and recorded', () => observableSuite(world));
describe('volumes: staged, swapped, settled', () => restorableSuite(world));
describe('volumes: captured and counted', () => snapshottableSuite(world));

describe('volumes: what of a run lies beside the live tree', () => {
  it('is told by a swap back that finds nothing to do', async () => {
    const { driver } = world();
    const { target, release, snapshot } = await world().makeScene();
    const swapBack = async () => driver.swapBack!(target, plainCall());
    const idle = { changed: false, note: 'was not swapped' };
    const alone = { ...idle, nothingBeside: true };
    assert.deepEqual(await swapBack(), alone);
    await driver.stage!(target, release, plainCall(), snapshot);
    assert.deepEqual(await swapBack(), idle);
    await driver.swapIn!(target, plainCall());
    assert.equal((await swapBack()).changed, true);
    assert.deepEqual(await swapBack(), idle);
    await driver.drop!(target, plainCall());
    assert.deepEqual(await swapBack(), alone);
    await rejectsAs('missing', driver.swapIn!(target, plainCall()), 'found none');
  });
});

describe('volumes: another filesystem that is mounted inside', () => {
  const exec = promisify(execFile);
  const rootOf = async (volume: string) => (await engine().docker.getVolume(volume).inspect()).Mountpoint;

  it('is told before anything is staged, and never left out of a capture in silence', async () => {
    const { driver } = world();
    const { target, release } = await world().makeScene();
    const inside = join(await rootOf(target.volume), 'archive');
    await mkdir(inside);
    await exec('mount', ['-t', 'tmpfs', 'tmpfs', inside]);
    try {
      const answer = await driver.canStage?.(target, release, plainLook());
      assert.equal(answer?.verdict, 'failed');
      assert.match(answer.reason, /archive is mounted inside it and cannot be moved.*unmount/);
      const says = `${inside} is mounted inside it and would be left out of a capture`;
      await rejectsAs('refused', driver.size!(target, plainLook()), says);
      const { writer } = await world().makeWriter();
      await rejectsAs('refused', driver.capture!(target, plainLook(), writer), says);
    } finally {
      await exec('umount', [inside]);
    }
    assert.equal((await driver.canStage?.(target, release, plainLook()))?.verdict, 'passed');
  });

  it('keeps what a run replaced from being exported without it', async () => {
    const { driver } = world();
    const { target, release, snapshot } = await world().makeScene();
    const root = await rootOf(target.volume);
    await mkdir(join(root, 'archive'));
    await driver.stage!(target, release, plainCall(), snapshot);
    await driver.swapIn!(target, plainCall());
    const inside = join(root, '.lastgood', RUN, 'outgoing', 'archive');
    await exec('mount', ['-t', 'tmpfs', 'tmpfs', inside]);
    try {
      const { writer } = await world().makeWriter();
      const exported = driver.exportOutgoing!(target, RUN, plainLook(), writer);
      await rejectsAs('refused', exported, `${inside} is mounted inside it and would be left out of a capture`);
    } finally {
      await exec('umount', [inside]);
    }
  });
});
