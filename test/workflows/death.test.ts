import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { given } from './given.ts';
import { useStage } from './shared-worker.ts';
import { polled } from './waiting.ts';

const temporal = await useStage();

/** Engine calls of each step, in a run that goes well. */
const BEFORE = [
  ['admit', 'claim', '*', 1],
  ['stage', 'create', '*', 1],
  ['recheck', 'strangers', '*', 2],
  ['shut-gates', 'stop', 'gate', 1],
  ['capture-live', 'count', 'data', 1],
  ['stop-tiers', 'stop', 'api', 1],
  ['capture-stopped', 'capture', 'data', 1],
  ['swap-in', 'rename', '*', 2],
  ['start-tiers', 'start', 'web', 1],
  ['judge-inside', 'probe', 'api', 2],
  ['open-gates', 'start', 'gate', 1],
  ['judge-front-door', 'front-door', '*', 1],
] as const;
const AFTER = [
  ['stage', 'create', '*'],
  ['shut-gates', 'stop', 'gate'],
  ['stop-tiers', 'stop', 'db'],
  ['swap-in', 'rename', 'api'],
  ['swap-in of files', 'swap-file', '*'],
  ['start-tiers', 'start', 'db'],
  ['open-gates', 'start', 'gate'],
] as const;

/** Its own worker; the phases' time is not what is tested. */
const ALONE = { alone: true } as const;

describe('a worker that dies', { concurrency: 8 }, () => {
  for (const [index, [step, call, target, nth]] of BEFORE.entries()) {
    // One half without any workflow in memory: all of it is replayed at each task.
    const cached = index % 2;
    it(`in ${step}, before ${call}, is followed by another that goes on (${cached} workflows in memory)`, async t => {
      const scene = await given(t, temporal, { ...ALONE, cached });
      const restarted = Promise.withResolvers<void>();
      scene.at(call, target, () => void scene.restart().then(restarted.resolve, restarted.reject), nth);
      const run = await scene.start();
      const [{ report }] = await Promise.all([run.end(), restarted.promise]);
      assert.equal(report.outcome, 'completed', report.headline);
    });
  }

  for (const [step, call, target] of AFTER) {
    it(`in ${step}, when ${call} has happened and nobody heard, is followed by another that does it no second time`, async t => {
      const scene = await given(t, temporal, ALONE);
      const restarted = Promise.withResolvers<void>();
      scene.once(call, target, () => void scene.restart().then(restarted.resolve, restarted.reject));
      const run = await scene.start();
      const [{ report }] = await Promise.all([run.end(), restarted.promise]);
      assert.equal(report.outcome, 'completed', report.headline);
      const times = new Map<string, number>();
      for (const { call: name, target: on } of scene.world.happenings)
        times.set(`${name} ${on}`, (times.get(`${name} ${on}`) ?? 0) + 1);
      // A policy is set aside and given back; all else happens once.
      const twice = [...times].filter(([name, count]) => count > (name.startsWith('set-policy') ? 2 : 1));
      assert.deepEqual(twice, []);
    });
  }

  it('while the run is being undone is followed by another that undoes the rest', async t => {
    const scene = await given(t, temporal, { ...ALONE, plan: 'on-failure: { after-restore: revert }' });
    scene.behaves('v1', { starts: false });
    const restarted = Promise.withResolvers<void>();
    scene.at('rename', '*', () => void scene.restart().then(restarted.resolve, restarted.reject), 6);
    const run = await scene.start();
    const [{ report }] = await Promise.all([run.end(), restarted.promise]);
    assert.equal(report.outcome, 'reverted', report.headline);
  });

  it('while the run is held leaves the question standing', async t => {
    const scene = await given(t, temporal, ALONE);
    scene.behaves('v1', { starts: false });
    const run = await scene.start();
    await run.until('the hold', p => p.state === 'held' && p.awaiting !== undefined);
    await scene.restart();
    await run.until('the question', p => p.state === 'held');
    await run.ask('decide', { decide: 'revert', by: 'ada', reason: 'no' });
    assert.equal((await run.end()).report.outcome, 'reverted');
  });

  it('while approval is awaited loses no approval that came meanwhile', async t => {
    const scene = await given(t, temporal, { ...ALONE, approvals: 1 });
    const run = await scene.start();
    const { outline } = await run.until('the question', p => p.state === 'waiting');
    await scene.dies();
    await run.tell('confirm', { by: 'ada', hash: outline!.hash });
    await scene.serves();
    assert.equal((await run.end()).report.outcome, 'completed');
  });

  it('for longer than the phase may take gives the step its time again', async t => {
    const plan = 'budgets: { start: { target: 6s, max: 7s } }\non-failure: { after-restore: revert }';
    const scene = await given(t, temporal, { ...ALONE, plan });
    let absent: Promise<void> | undefined;
    scene.at('start', 'web', () => {
      absent = scene.dies();
    });
    const run = await scene.start();
    await polled(
      'the death',
      async () => absent !== undefined,
      died => died,
    );
    const since = Date.now();
    await absent;
    await polled(
      'an absence longer than the phase',
      async () => Date.now(),
      now => now - since > 12_000,
    );
    await scene.serves();
    const { report } = await run.end();
    assert.equal(report.outcome, 'completed', report.headline);
  });

  it('for longer than the phase may take gives the counting its time again, though the engine is late then', async t => {
    const plan = 'budgets: { snapshot: { target: 6s, max: 7s } }';
    const scene = await given(t, temporal, { ...ALONE, plan, data: 'restore' });
    let absent: Promise<void> | undefined;
    scene.at('set-policy', 'gate', () =>
      scene.at('count', 'data', () => {
        absent = scene.dies();
      }),
    );
    const run = await scene.start({ lossCeiling: 10 });
    await polled(
      'the death',
      async () => absent !== undefined,
      died => died,
    );
    const since = Date.now();
    await absent;
    await polled(
      'an absence longer than the phase',
      async () => Date.now(),
      now => now - since > 12_000,
    );
    scene.faults({ call: 'count', target: 'data', kind: 'unavailable', times: 1 });
    await scene.serves();
    const { report } = await run.end();
    assert.equal(report.outcome, 'completed', report.headline);
  });
});
