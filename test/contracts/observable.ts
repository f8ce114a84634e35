import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Target } from '../../src/plan/plan.ts';
import { plainCall, plainLook } from './plain-call.ts';
import { rejectsAs } from './rejects.ts';
import { has, type Optional, type World } from './world.ts';

/** What `Observable` promises. */
export function observableSuite<T extends Target>(world: () => World<T>): void {
  const itHas = (what: Optional, title: string, test: () => Promise<void>): void => {
    if (has(world(), what)) it(title, test);
  };

  it('observes the same state twice, and names the target', async () => {
    const { driver } = world();
    const { target } = await world().makeScene();
    const state = await driver.observe(target, plainLook());
    assert.equal(state.target, target.id);
    assert.notEqual(state.identity, '');
    assert.deepEqual(await driver.observe(target, plainLook()), state);
  });

  it('tells the live version from the recorded one', async () => {
    const { target, release } = await world().makeScene();
    const now = await world().driver.observe(target, plainLook());
    // What a volume holds is no version: it is compared by its rows.
    if (release.state.version === '') return assert.equal(now.version, '');
    assert.notDeepEqual([now.version, now.settings], [release.state.version, release.state.settings]);
  });

  it('records the state that it observes, in plain JSON', async () => {
    const { target } = await world().makeScene();
    const recorded = await world().driver.record(target, plainLook());
    assert.deepEqual(recorded.state, await world().driver.observe(target, plainLook()));
    assert.deepEqual(JSON.parse(JSON.stringify(recorded.body)), recorded.body);
  });

  it('shows nothing of a body in a state', async () => {
    const { target } = await world().makeScene();
    const { state } = await world().driver.record(target, plainLook());
    assert.ok(JSON.stringify(state).length < 1_000, 'a state is ids, digests and a label');
  });

  it('says missing, by name, when the target is not there', async () => {
    const { target, removeLive } = await world().makeScene();
    await removeLive();
    await rejectsAs('missing', world().driver.observe(target, plainLook()), nameOf(target));
    await rejectsAs('missing', world().driver.record(target, plainLook()), nameOf(target));
  });

  itHas('changeSetting', 'finds a changed setting', async () => {
    const { target, changeSetting } = await world().makeScene();
    const before = await world().driver.observe(target, plainLook());
    await changeSetting!();
    const after = await world().driver.observe(target, plainLook());
    assert.notEqual(after.settings, before.settings);
  });

  itHas('retain', 'retains once, and finds it retained after', async () => {
    const { driver } = world();
    const { target, release } = await world().makeScene();
    await driver.retain!(target, release, plainCall());
    const again = plainCall();
    assert.equal((await driver.retain!(target, release, again)).changed, false);
    assert.deepEqual(again.acts, []);
  });
}

export function nameOf(target: Target): string {
  if (target.kind === 'docker') return target.container;
  return target.kind === 'docker-volume' ? target.volume : target.path;
}
