import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RunId } from '../../src/plan/ids.ts';
import type { RollbackRequest } from '../../src/plan/rollback-request.ts';
import { given, type Scene, type Underway } from './given.ts';
import { finished } from './run-of.ts';
import { useStage } from './shared-worker.ts';
import { quiet } from './waiting.ts';

const temporal = await useStage();

const LEFT = [
  ['stage', 'create', '*', 1, 'refused'],
  ['recheck', 'strangers', '*', 2, 'refused'],
  ['shut-gates', 'stop', 'gate', 1, 'reverted'],
  ['stop-tiers', 'stop', 'api', 1, 'reverted'],
  ['capture-stopped', 'capture', 'data', 1, 'reverted'],
  ['swap-in', 'rename', '*', 2, 'reverted'],
  ['start-tiers', 'start', 'web', 1, 'reverted'],
  ['judge-inside', 'probe', 'api', 2, 'reverted'],
  ['open-gates', 'start', 'gate', 1, 'completed'],
  ['judge-front-door', 'front-door', '*', 1, 'completed'],
] as const;

/** A run whose workflow was terminated in the middle of a step, once its last attempt has heard of it. */
async function left(
  scene: Scene,
  call: string,
  target: string,
  nth: number,
  change: Partial<RollbackRequest> = {},
): Promise<{ run: Underway; id: RunId }> {
  const gone = Promise.withResolvers<void>();
  scene.at(call, target, () => run.handle.terminate('the server is lost').then(() => gone.resolve(), gone.reject), nth);
  const run = await scene.start(change);
  const id = run.handle.firstExecutionRunId as RunId;
  await gone.promise;
  await quiet(scene);
  return { run, id };
}

/** A run whose release does not start, and that a person took over. */
async function handedOver(scene: Scene) {
  scene.behaves('v1', { starts: false });
  const run = await scene.start();
  await run.until('the hold', p => p.state === 'held' && p.awaiting !== undefined);
  await run.ask('decide', { decide: 'handover', by: 'ada', reason: 'mine' });
  return run.end();
}

describe('a run whose workflow is gone', { concurrency: 8 }, () => {
  for (const [step, call, target, nth, outcome] of LEFT) {
    it(`in ${step} is taken over, and ends ${outcome}`, async t => {
      const scene = await given(t, temporal);
      const { id } = await left(scene, call, target, nth);
      const { report } = await scene.run({ takeOver: id });
      assert.equal(report.outcome, outcome, report.headline);
      assert.deepEqual([...scene.world.claims], []);
      const made = [...scene.world.containers.keys()].filter(name => name.includes('.lg-'));
      if (outcome !== 'completed') assert.deepEqual(made, []);
    });
  }

  it('past the line is completed, and says what its release gave up', async t => {
    const scene = await given(t, temporal, { data: 'restore' });
    const { id } = await left(scene, 'front-door', '*', 1, { lossCeiling: 10 });
    const { report } = await scene.run({ takeOver: id, lossCeiling: 10 });
    assert.equal(report.outcome, 'completed', report.headline);
    assert.equal(report.losses[0]?.lost, 10);
  });

  it('that had completed and kept its lock is said to have completed, not to have changed nothing', async t => {
    const scene = await given(t, temporal, { plan: 'aftercare: { for: 10m, every: 10m }' });
    scene.faults({ call: 'unclaim', kind: 'refuse', times: 1 });
    const first = await scene.run();
    assert.equal(first.report.outcome, 'completed');
    const { report } = await scene.run({ takeOver: first.report.run as RunId });
    assert.match(report.steps[0]?.result?.reason ?? '', /it had closed as completed, and left its lock/);
    assert.deepEqual([...scene.world.claims], []);
  });

  it('refuses a new run that does not take it over, and says how it stands', async t => {
    const scene = await given(t, temporal);
    const { id } = await left(scene, 'stop', 'api', 1);
    const { report } = await scene.run();
    assert.equal(report.outcome, 'refused');
    assert.match(report.headline, new RegExp(`run ${id} holds .*its journal is open, last at stop-tiers`));
    assert.match(report.next.join(), new RegExp(`--take-over ${id}`));
  });

  it('is taken over by a second run when the first that did so is gone too', async t => {
    const scene = await given(t, temporal);
    const first = await left(scene, 'start', 'web', 1);
    const gone = Promise.withResolvers<void>();
    scene.at('rename', '*', () => second.handle.terminate('lost again').then(() => gone.resolve(), gone.reject), 2);
    const second = await scene.start({ takeOver: first.id });
    await gone.promise;
    await quiet(scene);
    const { report } = await scene.run({ takeOver: second.handle.firstExecutionRunId as RunId });
    assert.equal(report.outcome, 'reverted', report.headline);
    assert.deepEqual(
      [...scene.world.containers.keys()].filter(name => name.includes('.lg-')),
      [],
    );
    // Nothing of the three is left open: a new run may start, and does.
    assert.equal((await scene.run()).report.outcome, 'completed');
  });

  it('is not given up by a take-over that was refused: the next one ends it', async t => {
    const scene = await given(t, temporal);
    const { id } = await left(scene, 'rename', '*', 2);
    scene.faults({ call: 'claim', kind: 'refuse', times: 1 });
    // What stands half-way is not this one's doing, nor for it to have changed: it is judged by what it left.
    const refused = await finished((await scene.start({ takeOver: id })).handle);
    assert.equal(refused.report.outcome, 'refused');
    assert.equal(scene.world.claims.get(scene.platform.name)?.run, id);
    const { report } = await scene.run({ takeOver: id });
    assert.equal(report.outcome, 'reverted', report.headline);
  });

  it('is met by a new start even when somebody removed its claim, and is then taken over all the same', async t => {
    const scene = await given(t, temporal);
    const { id } = await left(scene, 'rename', '*', 2);
    scene.world.claimed.push({ at: Date.now(), run: id, action: 'released' });
    scene.world.claims.delete(scene.platform.name);
    const { report: refused } = await scene.run();
    assert.equal(refused.outcome, 'refused');
    assert.match(refused.headline, new RegExp(`run ${id} was left in the middle.*last at swap-in`));
    assert.match(refused.next.join(), new RegExp(`--take-over ${id}`));
    assert.ok(
      scene.platform.told.some(({ id: told, urgency }) => told.startsWith(refused.run) && urgency === 'page'),
      'people hear of it',
    );
    const { report } = await finished((await scene.start({ takeOver: id })).handle);
    assert.equal(report.outcome, 'reverted', report.headline);
    assert.deepEqual(
      ['api', 'web', 'gate'].map(name => scene.world.containers.get(name)?.activity),
      ['running', 'running', 'running'],
    );
    assert.equal(scene.world.containers.get('api')?.version, 'v2');
  });

  it('and had undone all but what it staged is not undone again under open traffic', async t => {
    const scene = await given(t, temporal, { plan: 'on-failure: { after-restore: revert }' });
    scene.behaves('v1', { starts: false });
    const { id } = await left(scene, 'remove', '*', 1);
    assert.equal(scene.world.containers.get('gate')?.activity, 'running');
    const happened = scene.world.happenings.length;
    const { report } = await scene.run({ takeOver: id });
    assert.equal(report.outcome, 'reverted', report.headline);
    assert.deepEqual(
      scene.world.happenings.slice(happened).filter(({ call }) => call === 'stop' || call === 'start'),
      [],
    );
  });

  it('is not taken over in the name of a run that does not hold the platform', async t => {
    const scene = await given(t, temporal);
    await left(scene, 'stop', 'api', 1);
    const { report } = await scene.run({ takeOver: 'somebody-else' as RunId });
    assert.equal(report.outcome, 'refused');
  });

  it('and was handed over is taken over, and taken back', async t => {
    const scene = await given(t, temporal);
    const held = await handedOver(scene);
    const { report } = await scene.run({ takeOver: held.report.run as RunId });
    assert.equal(report.outcome, 'reverted', report.headline);
    // Its report still tells how it is taken over. Whoever follows that now must not shut a platform that is well.
    const happened = scene.world.happenings.length;
    const again = await finished((await scene.start({ takeOver: held.report.run as RunId })).handle);
    assert.equal(again.report.outcome, 'refused', again.report.headline);
    assert.match(again.report.headline, new RegExp(`it was ended by run ${report.run}, which reverted`));
    assert.deepEqual([...scene.world.claims], []);
    assert.deepEqual(scene.world.happenings.slice(happened), []);
  });

  it('and was handed over keeps new runs out though somebody removed its claim, and people hear of it', async t => {
    const scene = await given(t, temporal);
    const held = await handedOver(scene);
    scene.world.claimed.push({ at: Date.now(), run: held.report.run, action: 'released' });
    scene.world.claims.delete(scene.platform.name);
    const { report } = await scene.run();
    assert.equal(report.outcome, 'refused');
    assert.match(report.headline, new RegExp(`run ${held.report.run} .*handed over to a person, last at start-tiers`));
    assert.ok(scene.platform.told.some(({ id, urgency }) => id.startsWith(report.run) && urgency === 'page'));
  });

  it('is not taken back twice by the third that takes it over', async t => {
    const scene = await given(t, temporal);
    const first = await left(scene, 'start', 'web', 1);
    let last = first.id;
    // Each take-over is lost in its turn: after what was started was stopped, and after it was swapped back.
    for (const [call, target, nth] of [
      ['rename', '*', 2],
      ['start', 'api', 1],
    ] as const) {
      const gone = Promise.withResolvers<void>();
      scene.at(call, target, () => run.handle.terminate('lost').then(() => gone.resolve(), gone.reject), nth);
      const run = await scene.start({ takeOver: last });
      await gone.promise;
      await quiet(scene);
      last = run.handle.firstExecutionRunId as RunId;
    }
    const { report } = await scene.run({ takeOver: last });
    assert.equal(report.outcome, 'reverted', report.headline);
    assert.deepEqual(
      report.heard.filter(({ kind }) => kind === 'decide'),
      [],
      'nobody had to be asked',
    );
  });

  it('and had closed left nothing but its lock: the platform is not undone again', async t => {
    const scene = await given(t, temporal);
    scene.at('front-door', '*', () => scene.faults({ call: 'unclaim', kind: 'refuse', times: 1 }));
    const { report: first } = await scene.run();
    assert.match(first.leftBehind.join(), /the engine's lock/);
    const happened = scene.world.happenings.length;
    const { report } = await scene.run({ takeOver: first.run as RunId });
    assert.equal(report.outcome, 'refused', report.headline);
    assert.equal(scene.world.happenings.slice(happened).filter(({ call }) => call === 'stop').length, 0);
    assert.deepEqual([...scene.world.claims], []);
  });
});
