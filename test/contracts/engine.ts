import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Engine, Owner } from '../../src/drivers/contract.ts';
import type { PlatformName, RunId } from '../../src/plan/ids.ts';
import { OTHER_RUN, plainLook, RUN } from './plain-call.ts';
import { rejectsAs } from './rejects.ts';

export interface EngineWorld {
  readonly engine: Engine;
  /** Another worker's connection to the same engine. */
  readonly beside: Engine;
}

/** What `Engine` promises: an identity, and one owner a platform. */
export function engineSuite(world: () => EngineWorld): void {
  let made = 0;
  const owner = (run: RunId, fence: number, platform = `platform-${++made}`): Owner => ({
    platform: platform as PlatformName,
    run,
    fence,
  });
  const find = (platform: PlatformName) => world().beside.findOwner(platform, plainLook());

  it('says one identity to all who ask', async () => {
    const asked = [world().engine, world().engine, world().beside].map(engine => engine.identify(plainLook()));
    const [first, ...others] = await Promise.all(asked);
    assert.notEqual(first, '');
    for (const other of others) assert.equal(other, first);
  });

  it('is claimed by one run, and tells the others by whom', async () => {
    const mine = owner(RUN, 1);
    assert.equal(await find(mine.platform), undefined);
    await world().engine.claim(mine, plainLook());
    assert.deepEqual(await find(mine.platform), mine);
    await rejectsAs('conflict', world().beside.claim({ ...mine, run: OTHER_RUN }, plainLook()), RUN);
    assert.deepEqual(await find(mine.platform), mine);
  });

  it('takes the same claim twice', async () => {
    const mine = owner(RUN, 1);
    await world().engine.claim(mine, plainLook());
    await world().engine.claim(mine, plainLook());
    assert.deepEqual(await find(mine.platform), mine);
  });

  it('gives one platform to one of many who claim at once', async () => {
    const { platform } = owner(RUN, 1);
    const runs = Array.from({ length: 8 }, (_, n) => `0192f0c1-cccc-7000-8000-00000000000${n}` as RunId);
    const claims = runs.map((run, n) =>
      (n % 2 === 0 ? world().engine : world().beside).claim({ platform, run, fence: 1 }, plainLook()),
    );
    const answers = await Promise.allSettled(claims);
    assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 1);
    const winner = runs[answers.findIndex(({ status }) => status === 'fulfilled')];
    assert.equal((await find(platform))?.run, winner);
  });

  it('is taken over from the run that is named, with a higher fence', async () => {
    const old = owner(RUN, 1);
    await world().engine.claim(old, plainLook());
    const next = { ...old, run: OTHER_RUN, fence: 2 };
    await rejectsAs('conflict', world().beside.claim(next, plainLook(), 'somebody-else' as RunId), RUN);
    await rejectsAs('conflict', world().beside.claim({ ...next, fence: 1 }, plainLook(), RUN), RUN);
    await world().beside.claim(next, plainLook(), RUN);
    assert.deepEqual(await find(old.platform), next);
    await rejectsAs('conflict', world().engine.claim(old, plainLook()), OTHER_RUN);
  });

  it('is given up by its owner only', async () => {
    const mine = owner(RUN, 2);
    await world().engine.claim(mine, plainLook());
    await world().beside.unclaim({ ...mine, run: OTHER_RUN }, plainLook());
    await world().beside.unclaim({ ...mine, fence: 1 }, plainLook());
    assert.deepEqual(await find(mine.platform), mine);
    await world().engine.unclaim(mine, plainLook());
    await world().engine.unclaim(mine, plainLook());
    assert.equal(await find(mine.platform), undefined);
  });

  it('keeps platforms apart', async () => {
    const [mine, theirs] = [owner(RUN, 1), owner(OTHER_RUN, 1)];
    await world().engine.claim(mine, plainLook());
    await world().beside.claim(theirs, plainLook());
    assert.deepEqual([await find(mine.platform), await find(theirs.platform)], [mine, theirs]);
  });
}
