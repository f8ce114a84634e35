import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { noRoomForCaptures } from '../../src/activities/room-for-captures.ts';
import type { AftercareProgress } from '../../src/workflows/aftercare.ts';
import { aftercareId } from '../../src/workflows/messages.ts';
import { decide, isHeld } from './asked.ts';
import { given, type Scene } from './given.ts';
import { useStage } from './shared-worker.ts';
import { polled, within } from './waiting.ts';

const temporal = await useStage();
const RESTORING = { lossCeiling: 10 };
const REVERTS = 'on-failure: { before-restore: revert, after-restore: revert }';

const watched = (scene: Scene, what: string, stands: (p: AftercareProgress) => boolean) =>
  polled(
    what,
    () => temporal.client.workflow.getHandle(aftercareId(scene.platform.name)).query<AftercareProgress>('progress'),
    stands,
  );
const keptContainers = (scene: Scene) => [...scene.world.containers.keys()].filter(name => name.includes('.lg-'));
const keptTrees = (scene: Scene) => scene.world.volumes.get('data')?.outgoing.size;
const exportsOf = async ({ platform }: Scene): Promise<readonly string[]> => {
  const { snapshots } = await platform.depsFor({ dead: false }).snapshots(platform.plan).list(platform.name);
  return snapshots.flatMap(({ run, notes }) => (notes.some(note => note.startsWith('what run')) ? [run] : []));
};
const toldOf = ({ platform }: Scene) => platform.told.filter(({ id }) => id.includes(':kept:'));

const beforeOf = async ({ platform }: Scene): Promise<string> => {
  const entries = await platform.depsFor({ dead: false }).ledger.list(platform.name);
  return entries.find(({ origin }) => origin === 'run')!.id;
};

/** As the front door is judged: the run is as good as over, its aftercare not begun. */
const failExports = (scene: Scene): void =>
  scene.at('front-door', '*', () => scene.faults({ call: 'export', kind: 'refuse' }));

describe('what undo kept', { concurrency: 8 }, () => {
  it('is dropped once its export succeeds, however often that failed; people are told why it is kept, once', async t => {
    const scene = await given(t, temporal, { data: 'restore' });
    failExports(scene);
    await scene.run(RESTORING);
    const [told] = await polled(
      'people to be told',
      async () => toldOf(scene),
      all => all.length > 0,
    );
    assert.match(told?.text ?? '', /scripted refuse/);
    assert.match((await watched(scene, 'why', p => p.kept !== '')).kept, /scripted refuse/);
    assert.equal(keptTrees(scene), 1);
    scene.world.faults.length = 0;
    await watched(scene, 'the end', p => p.state === 'settled');
    assert.equal(keptTrees(scene), 0);
    assert.deepEqual(keptContainers(scene), []);
    assert.equal((await exportsOf(scene)).length, 1);
    assert.equal(toldOf(scene).length, 1);
  });

  it('of an earlier run that was never exported is exported and dropped by the next watch', async t => {
    const scene = await given(t, temporal, { data: 'restore' });
    failExports(scene);
    const first = await scene.run(RESTORING);
    await watched(scene, 'a failed export', p => p.kept !== '');
    const again = await scene.start({ ...RESTORING, release: 'v1' as never });
    await again.until('the end', p => p.outcome === 'completed');
    scene.world.faults.length = 0;
    const seen = await again.progress();
    await watched(scene, 'the end', p => p.run === seen.run && p.state === 'settled');
    assert.equal(keptTrees(scene), 0);
    assert.deepEqual([...(await exportsOf(scene))].sort(), [first.report.run, seen.run].sort());
  });

  it('is settled run by run: one whose tree is gone keeps no other', async t => {
    const scene = await given(t, temporal, { data: 'restore' });
    failExports(scene);
    const first = await scene.run(RESTORING);
    await watched(scene, 'a failed export', p => p.kept !== '');
    scene.at('front-door', '*', () => {
      scene.world.faults.length = 0;
      scene.world.volumes.get('data')?.outgoing.delete(first.report.run as never);
    });
    const again = await scene.start({ ...RESTORING, release: 'v1' as never });
    await again.until('the end', p => p.outcome === 'completed');
    const seen = await again.progress();
    const why = await watched(scene, 'why', p => p.run === seen.run && p.kept !== '');
    assert.match(why.kept, new RegExp(`run ${first.report.run}: .*kept nothing beside it`));
    await polled(
      'its own to be dropped',
      async () => keptTrees(scene),
      kept => kept === 0,
    );
    assert.deepEqual(await exportsOf(scene), [seen.run]);
  });

  it('is exported beside the watch, and given up for a run that comes meanwhile', async t => {
    const scene = await given(t, temporal, { data: 'restore' });
    scene.at('front-door', '*', () => scene.faults({ call: 'export', kind: 'stall' }));
    const first = await scene.run(RESTORING);
    await watched(scene, 'a sample', p => p.samples > 0);
    const again = await scene.start({ ...RESTORING, release: 'v1' as never });
    const seen = await again.until('the end', p => p.outcome === 'completed');
    assert.deepEqual(seen.leftBehind, []);
    scene.world.faults.length = 0;
    await watched(scene, 'the end', p => p.run === seen.run && p.state === 'settled');
    assert.deepEqual([...(await exportsOf(scene))].sort(), [first.report.run, seen.run].sort());
  });

  it('stays watched when the next run is refused, whose platform moved before its recheck', async t => {
    const scene = await given(t, temporal, { plan: 'aftercare: { for: 1h, every: 1s }' });
    const first = await scene.run();
    scene.at('create', '*', () =>
      scene.changes(world => Object.assign(world.container('api'), { settings: 'changed by hand' })),
    );
    const { report } = await scene.run({ release: (await beforeOf(scene)) as never });
    assert.equal(report.outcome, 'refused');
    assert.match(report.headline, /no longer the approved one/);
    const { samples } = await watched(scene, 'the watch', p => p.run === first.report.run);
    await watched(scene, 'one more sample', p => p.state === 'watching' && p.samples > samples);
    assert.ok(keptContainers(scene).some(name => name.includes('.lg-prev-')));
  });

  it('is watched again, and dropped in the end, when the next run reverts', async t => {
    const scene = await given(t, temporal, {
      plan: `aftercare: { for: 2s, every: 1s }
budgets: { start: { target: 1s, max: 30s } }
on-failure: { before-restore: revert, after-restore: revert }`,
    });
    const first = await scene.start();
    const { run } = await within(first.handle.result());
    const release = await beforeOf(scene);
    scene.behaves('v2', { starts: false });
    const next = await scene.start({ release: release as never });
    assert.equal((await next.until('the end', p => p.outcome !== undefined)).outcome, 'reverted');
    await watched(scene, 'the end', p => p.run === run && p.state === 'settled');
    assert.deepEqual(keptContainers(scene), []);
  });

  it('is dropped under the lock: a run that comes meanwhile waits for it, and is not refused', async t => {
    const scene = await given(t, temporal, { plan: 'aftercare: { for: 1s, every: 1s }' });
    const asked = Promise.withResolvers<void>();
    const dropping = Promise.withResolvers<void>();
    scene.at('remove', '*', () => {
      dropping.resolve();
      return asked.promise;
    });
    await scene.run();
    await within(dropping.promise);
    const release = await beforeOf(scene);
    scene.at('find-owner', '*', () => asked.resolve(), 2);
    const next = await scene.start({ release: release as never });
    assert.equal((await next.until('the end', p => p.outcome !== undefined)).outcome, 'completed');
  });

  it('is watched by the next run though people are being told of it, and their channel hangs', async t => {
    const hanging = Promise.withResolvers<void>();
    const scene = await given(t, temporal, {
      data: 'restore',
      hears: async ({ id }) => {
        if (id.includes(':kept:')) await hanging.promise;
      },
    });
    t.after(() => hanging.resolve());
    failExports(scene);
    await scene.run(RESTORING);
    await polled(
      'people to be told',
      async () => toldOf(scene),
      all => all.length > 0,
    );
    scene.world.faults.length = 0;
    const again = await scene.start({ ...RESTORING, release: 'v1' as never });
    const seen = await again.until('the end', p => p.outcome === 'completed');
    assert.deepEqual(seen.leftBehind, []);
    await watched(scene, 'the end', p => p.run === seen.run && p.state === 'settled');
  });

  it('is counted before the run begins: the store must have room for the export too', async t => {
    const scene = await given(t, temporal, { data: 'restore' });
    const deps = scene.platform.depsFor({ dead: false });
    const full = { ...deps, snapshots: () => ({ ...deps.snapshots(scene.platform.plan), free: async () => 10 }) };
    const runPlan = { plan: scene.platform.plan, targets: [{ target: 'data', change: 'restored' }] } as never;
    const look = { signal: new AbortController().signal, progress: () => undefined };
    assert.match((await noRoomForCaptures(full, runPlan, look)).join(), /has 10 bytes free.*data \d+/);
  });

  it('is missed when somebody removed it: nothing opens to data that a swap back did not bring, however often it is tried', async t => {
    const scene = await given(t, temporal, { data: 'restore', plan: REVERTS });
    scene.behaves('v1', { starts: false });
    scene.at('start', 'web', () => scene.world.volumes.get('data')!.outgoing.clear());
    const run = await scene.start(RESTORING);
    assert.match(
      (await isHeld(run)).headline,
      /data: its data was set aside by this run, and what undo kept of it is gone/,
    );
    await decide(run, 'retry');
    assert.match((await isHeld(run, 2)).headline, /what undo kept of it is gone/);
    await decide(run, 'handover');
    // Not held to the promises: somebody else broke one of them.
    const { outcome, traffic } = await run.until('the end', p => p.outcome !== undefined);
    assert.deepEqual([outcome, traffic], ['held', 'shut']);
  });

  it('is missed when nobody heard that it was set aside, and neither it nor what was staged is there', async t => {
    const scene = await given(t, temporal, { data: 'restore', plan: REVERTS, alone: true });
    scene.once('swap', 'data', () => {
      scene.world.volumes.get('data')!.outgoing.clear();
      void scene.restart();
    });
    const run = await scene.start(RESTORING);
    assert.match((await isHeld(run)).headline, /data: a swap of its data was begun and not seen to its end/);
    await decide(run, 'retry');
    assert.match((await isHeld(run, 2)).headline, /begun and not seen to its end/);
    await decide(run, 'handover');
    const { outcome, traffic } = await run.until('the end', p => p.outcome !== undefined);
    assert.deepEqual([outcome, traffic], ['held', 'shut']);
  });

  it('is missed when the swap back found it gone at the last moment', async t => {
    const scene = await given(t, temporal, { data: 'restore', plan: REVERTS });
    scene.behaves('v1', { starts: false });
    scene.at('swap-back', 'data', () => scene.world.volumes.get('data')!.outgoing.clear());
    const run = await scene.start(RESTORING);
    assert.match((await isHeld(run)).headline, /what undo kept of it is gone/);
    await decide(run, 'handover');
    const { outcome, traffic } = await run.until('the end', p => p.outcome !== undefined);
    assert.deepEqual([outcome, traffic], ['held', 'shut']);
  });

  it('is missed when its swap failed, perhaps half-way, and nothing lies beside what is there', async t => {
    const scene = await given(t, temporal, { data: 'restore', plan: REVERTS });
    scene.at('swap', 'data', () => {
      scene.world.volumes.get('data')!.staged.clear();
      scene.faults({ call: 'swap', target: 'data', kind: 'refuse', times: 1 });
    });
    const run = await scene.start(RESTORING);
    assert.match((await isHeld(run)).headline, /begun and not seen to its end/);
    await decide(run, 'handover');
    assert.equal((await run.until('the end', p => p.outcome !== undefined)).traffic, 'shut');
  });

  it('is not missed where it was never set aside: what was staged was gone before', async t => {
    const scene = await given(t, temporal, { data: 'restore', plan: REVERTS });
    scene.at('stop', 'db', () => scene.world.volumes.get('data')!.staged.clear());
    const { report } = await scene.run(RESTORING);
    assert.equal(report.outcome, 'reverted', report.headline);
  });
});
