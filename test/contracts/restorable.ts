import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Driver } from '../../src/drivers/contract.ts';
import type { Target } from '../../src/plan/plan.ts';
import { cutOffEverywhere, OTHER_RUN, type PlainCall, plainCall, plainLook } from './plain-call.ts';
import { rejectsAs } from './rejects.ts';
import { has, type Scene, type World } from './world.ts';

/** What `Stageable` and `Restorable` promise: the release beside the live one, in, back out, and nothing left over. */
export function restorableSuite<T extends Target>(world: () => World<T>): void {
  const driver = () => world().driver as Required<Driver<T>>;
  const observe = (scene: Scene<T>) => driver().observe(scene.target, plainLook());
  const stage = (scene: Scene<T>, call: PlainCall = plainCall()) =>
    driver().stage(scene.target, scene.release, call, scene.snapshot);
  const swapIn = (scene: Scene<T>, call: PlainCall = plainCall()) => driver().swapIn(scene.target, call);
  const swapBack = (scene: Scene<T>, call: PlainCall = plainCall()) => driver().swapBack(scene.target, call);
  const staged = async () => {
    const scene = await world().makeScene();
    await stage(scene);
    return scene;
  };
  const halted = async () => {
    const scene = await staged();
    await scene.halt?.();
    return scene;
  };
  const swapped = async () => {
    const scene = await halted();
    await swapIn(scene);
    return scene;
  };
  const isRelease = async (scene: Scene<T>, where = '') => {
    assert.equal(await scene.seen(), 'B', where);
    const { version, settings } = await observe(scene);
    const { state } = scene.release;
    assert.deepEqual({ version, settings }, { version: state.version, settings: state.settings }, where);
  };
  /** Identity, version and settings; a restart policy that was set aside is not a swap's business. */
  const isAsFound = async (scene: Scene<T>, found: Awaited<ReturnType<typeof observe>>, where = '') => {
    assert.equal(await scene.seen(), 'A', where);
    const { identity, version, settings } = await observe(scene);
    const expected = { identity: found.identity, version: found.version, settings: found.settings };
    assert.deepEqual({ identity, version, settings }, expected, where);
  };

  it('can stage what is to be had, and changes nothing by asking', async () => {
    const scene = await world().makeScene();
    const before = await observe(scene);
    const answer = await driver().canStage(scene.target, scene.release, plainLook());
    assert.equal(answer.verdict, 'passed', answer.reason);
    assert.deepEqual(await observe(scene), before);
  });

  if (has(world(), 'makeLost'))
    it('says before anything is touched that a release cannot be staged', async () => {
      const scene = await world().makeLost!();
      const answer = await driver().canStage(scene.target, scene.release, plainLook());
      assert.notEqual(answer.verdict, 'passed');
      assert.notEqual(answer.reason, '');
    });

  it('stages beside the live target, which stays as it is', async () => {
    const scene = await world().makeScene();
    const before = await observe(scene);
    assert.equal((await stage(scene)).changed, true);
    assert.deepEqual(await observe(scene), before);
  });

  it('stages once', async () => {
    const scene = await staged();
    const again = plainCall();
    assert.equal((await stage(scene, again)).changed, false);
    assert.deepEqual(again.acts, []);
  });

  it('drops what was staged, and stages it again after', async () => {
    const scene = await staged();
    const before = await observe(scene);
    await driver().drop(scene.target, plainCall());
    assert.equal((await driver().drop(scene.target, plainCall())).changed, false);
    assert.deepEqual(await observe(scene), before);
    assert.equal((await stage(scene)).changed, true);
  });

  it('drops nothing of another run', async () => {
    const scene = await staged();
    assert.equal((await driver().drop(scene.target, plainCall({ run: OTHER_RUN }))).changed, false);
    await scene.halt?.();
    await swapIn(scene);
    await isRelease(scene);
  });

  it('swaps in what the release recorded', async () => {
    const scene = await halted();
    assert.equal((await swapIn(scene)).changed, true);
    await isRelease(scene);
    const again = plainCall();
    assert.equal((await swapIn(scene, again)).changed, false);
    assert.deepEqual(again.acts, []);
  });

  it('swaps nothing in that was not staged', async () => {
    const scene = await world().makeScene();
    await scene.halt?.();
    const before = await observe(scene);
    await assert.rejects(swapIn(scene));
    assert.deepEqual(await observe(scene), before);
  });

  it('swaps back to the very one that was found', async () => {
    const scene = await staged();
    const found = await observe(scene);
    await scene.halt?.();
    await swapIn(scene);
    assert.equal((await swapBack(scene)).changed, true);
    await isAsFound(scene, found);
    assert.equal((await swapBack(scene)).changed, false);
    await swapIn(scene);
    await isRelease(scene);
  });

  it('swaps nothing back that was never swapped in', async () => {
    for (const begin of [() => world().makeScene(), staged]) {
      const scene = await begin();
      await scene.halt?.();
      const found = await observe(scene);
      assert.equal((await swapBack(scene)).changed, false);
      await isAsFound(scene, found);
    }
  });

  it('drops the release after a swap back', async () => {
    const scene = await swapped();
    await swapBack(scene);
    assert.equal((await driver().drop(scene.target, plainCall())).changed, true);
    assert.equal((await driver().drop(scene.target, plainCall())).changed, false);
  });

  if (has(world(), 'remakeLive'))
    it('refuses to swap over a target that somebody made again', async () => {
      const scene = await staged();
      await scene.remakeLive!();
      await scene.halt?.();
      const theirs = await observe(scene);
      await rejectsAs('conflict', swapIn(scene));
      assert.deepEqual(await observe(scene), theirs);
    });

  if (has(world(), 'remakeLive'))
    it('swaps nothing back over what somebody made again', async () => {
      const scene = await swapped();
      await scene.remakeLive!();
      await scene.halt?.();
      const theirs = await observe(scene);
      await rejectsAs('conflict', swapBack(scene));
      assert.deepEqual(await observe(scene), theirs);
    });

  it('settles once, and the release stays', async () => {
    const scene = await swapped();
    assert.equal((await driver().settle(scene.target, plainCall())).changed, true);
    assert.equal((await driver().settle(scene.target, plainCall())).changed, false);
    await isRelease(scene);
  });

  it('is finished by the next attempt wherever it is cut off, and acts once', async () => {
    const once =
      (what: string) =>
      async (scene: Scene<T>, { first, second }: Acts, where: string) => {
        const acts = [...first, ...second];
        assert.deepEqual(acts, [...new Set(acts)], `${what}, ${where}: an effect acted twice`);
        assert.equal(scene.target.kind, world().kind);
      };
    const release = async (scene: Scene<T>, acts: Acts, where: string) => {
      await once('swap in')(scene, acts, where);
      await isRelease(scene, where);
    };
    assert.ok((await cutOffEverywhere(() => world().makeScene(), stage, once('stage'))) > 0);
    assert.ok((await cutOffEverywhere(halted, swapIn, release)) > 0);
    assert.ok((await cutOffEverywhere(swapped, swapBack, once('swap back'))) > 0);
    assert.ok((await cutOffEverywhere(staged, (scene, call) => driver().drop(scene.target, call), once('drop'))) > 0);
    assert.ok(
      (await cutOffEverywhere(swapped, (scene, call) => driver().settle(scene.target, call), once('settle'))) > 0,
    );
  });

  it('swaps back from wherever a swap was cut off', async () => {
    const founds = new Map<Scene<T>, Awaited<ReturnType<typeof observe>>>();
    const begin = async () => {
      const scene = await halted();
      founds.set(scene, await observe(scene));
      return scene;
    };
    const whole = plainCall();
    await swapIn(await begin(), whole);
    for (let act = 1; act <= whole.acts.length; act += 1) {
      const scene = await begin();
      await assert.rejects(swapIn(scene, plainCall({ dieAfterAct: act })));
      await swapBack(scene);
      const found = founds.get(scene);
      assert.ok(found);
      await isAsFound(scene, found, `cut off after act ${act}`);
    }
  });
}

interface Acts {
  readonly first: string[];
  readonly second: string[];
}
