import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Driver } from '../../src/drivers/contract.ts';
import type { Target } from '../../src/plan/plan.ts';
import { lessStart } from './less-start.ts';
import { cutOffEverywhere, plainCall, plainLook } from './plain-call.ts';
import { rejectsAs } from './rejects.ts';
import type { Scene, World } from './world.ts';

export interface StoppableWorld<T extends Target = Target> extends World<T> {
  /** A running target that ignores its stop signal, with a short grace. */
  makeStubborn(): Promise<Scene<T>>;
  /** A running target with restart policy `always`. */
  makeAlways(): Promise<Scene<T>>;
}

/** What `Stoppable` promises: stopped stays stopped, and only what is meant to run gets its own policy back. */
export function stoppableSuite<T extends Target>(world: () => StoppableWorld<T>): void {
  const driver = () => world().driver as Required<Driver<T>>;
  const observe = (scene: Scene<T>) => driver().observe(scene.target, plainLook());

  it('stops with its restart policy set aside', async () => {
    const scene = await world().makeAlways();
    const call = plainCall();
    assert.equal((await driver().stop(scene.target, call, false)).changed, true);
    const down = await observe(scene);
    assert.equal(down.activity, 'exited');
    assert.equal(down.restartPolicy, 'no');
    assert.ok(call.acts.indexOf('stop') > 0, `the policy goes first: ${call.acts}`);
  });

  it('stops once', async () => {
    const scene = await world().makeAlways();
    await driver().stop(scene.target, plainCall(), false);
    const again = plainCall();
    assert.equal((await driver().stop(scene.target, again, false)).changed, false);
    assert.deepEqual(again.acts, []);
  });

  it('starts what ran, as it was', async () => {
    const scene = await world().makeAlways();
    const before = await observe(scene);
    await driver().stop(scene.target, plainCall(), false);
    assert.equal((await driver().start(scene.target, plainCall(), before)).changed, true);
    assert.notEqual((await observe(scene)).started, before.started);
    assert.deepEqual(lessStart(await observe(scene)), lessStart(before));
    const again = plainCall();
    assert.equal((await driver().start(scene.target, again, before)).changed, false);
    assert.deepEqual(again.acts, []);
  });

  it('leaves down what was down', async () => {
    const scene = await world().makeAlways();
    const before = await observe(scene);
    await driver().stop(scene.target, plainCall(), false);
    await driver().start(scene.target, plainCall(), { ...before, activity: 'exited' });
    assert.equal((await observe(scene)).activity, 'exited');
  });

  it('does not kill what may not be killed, and says so', async () => {
    const scene = await world().makeStubborn();
    const call = plainCall();
    await rejectsAs('refused', driver().stop(scene.target, call, false), 'did not stop');
    assert.equal((await observe(scene)).activity, 'running');
    assert.ok(call.reports.length > 0, 'it told of the waiting');
  });

  it('kills past its grace what may be killed', async () => {
    const scene = await world().makeStubborn();
    assert.equal((await driver().stop(scene.target, plainCall(), true)).changed, true);
    assert.equal((await observe(scene)).activity, 'exited');
  });

  it('touches nobody else who has its name', async () => {
    const scene = await world().makeAlways();
    const before = await observe(scene);
    await scene.remakeLive!();
    const theirs = await observe(scene);
    const call = plainCall();
    await rejectsAs('conflict', driver().stop(scene.target, call, true, before.identity));
    await rejectsAs('conflict', driver().start(scene.target, call, before, before.identity));
    assert.deepEqual(call.acts, []);
    assert.deepEqual(await observe(scene), theirs);
    await scene.removeLive();
    const theVeryOne = driver().stop(scene.target, call, true, before.identity);
    await assert.rejects(theVeryOne, { kind: 'missing', foreign: true });
  });

  it('says missing when the target is not there', async () => {
    const scene = await world().makeScene();
    const before = await observe(scene);
    await scene.removeLive();
    await rejectsAs('missing', driver().stop(scene.target, plainCall(), true));
    await rejectsAs('missing', driver().start(scene.target, plainCall(), before));
  });

  it('stops no further once it is cancelled', async () => {
    const scene = await world().makeAlways();
    const before = await observe(scene);
    await assert.rejects(driver().stop(scene.target, plainCall({ signal: AbortSignal.abort() }), true));
    assert.deepEqual(await observe(scene), before);
  });

  it('is finished by the next attempt wherever it is cut off, and acts once', async () => {
    const isOnce = async (_: Scene<T>, acts: { first: string[]; second: string[] }, where: string) => {
      const all = [...acts.first, ...acts.second];
      assert.deepEqual(all, [...new Set(all)], where);
    };
    const stop = (scene: Scene<T>, call: ReturnType<typeof plainCall>) => driver().stop(scene.target, call, false);
    assert.ok((await cutOffEverywhere(() => world().makeAlways(), stop, isOnce)) > 0);
    const stopped = async () => {
      const scene = await world().makeAlways();
      const before = await observe(scene);
      await driver().stop(scene.target, plainCall(), false);
      return { scene, before };
    };
    const acts = await cutOffEverywhere(
      stopped,
      ({ scene, before }, call) => driver().start(scene.target, call, before),
      async ({ scene, before }, both, where) => {
        await isOnce(scene, both, where);
        assert.deepEqual(lessStart(await observe(scene)), lessStart(before), where);
      },
    );
    assert.ok(acts > 0);
  });
}
