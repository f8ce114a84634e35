import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { minutes } from '../../src/plan/duration.ts';
import { isStale } from '../../src/policy/stale.ts';
import type { RunReport } from '../../src/run/report.ts';
import { given, type Underway } from './given.ts';
import { useStage } from './shared-worker.ts';

const temporal = await useStage();

const REVERTS =
  'budgets: { verify: { target: 1s, max: 4s } }\non-failure: { before-restore: revert, after-restore: revert }';
const ASKS = 'on-failure: { before-restore: ask, after-restore: ask, silence: stay, within: 1s }';

const begun = ({ steps }: Pick<RunReport, 'steps'>): string[] =>
  steps.filter(({ direction }) => direction === 'forward').map(({ step }) => step);
const pause = (run: Underway) => run.tell('pause', { by: 'ada', reason: 'let me look' });
const resume = (run: Underway) => run.tell('resume', { by: 'ada', reason: 'go' });
const isPaused = (run: Underway) => run.until('the pause', p => p.state === 'paused');

describe('what was looked at before a wait is looked at again', { concurrency: 8 }, () => {
  it('verifies anew before traffic opens: what no longer answers after a pause meets no user', async t => {
    const scene = await given(t, temporal, { plan: REVERTS });
    let run: Underway | undefined;
    scene.at('probe', 'api', () => scene.at('probe', 'api', () => pause(run!)), 1);
    run = await scene.start();
    const { step } = await isPaused(run);
    assert.equal(step, 'judge-inside');
    // It runs, and is what it was: only a probe sees it.
    scene.behaves('v1', { healthy: false });
    await resume(run);
    const { report } = await run.end();
    assert.equal(report.outcome, 'reverted', report.headline);
    assert.deepEqual(begun(report).slice(-2), ['judge-inside', 'judge-inside']);
  });

  it('rechecks before the freeze: what was deployed during a pause is refused, and nothing is touched', async t => {
    const scene = await given(t, temporal, { plan: REVERTS });
    let run: Underway | undefined;
    // The last that is asked of an engine before the gates are shut.
    scene.at('create', 'web.lg-*', () => scene.at('observe', 'web', () => pause(run!)));
    run = await scene.start();
    const { step } = await isPaused(run);
    assert.equal(step, 'recheck');
    scene.meddles(world => {
      world.containers.set('web', { ...world.container('web'), settings: 'somebody deployed' });
    });
    await resume(run);
    const { report } = await run.end();
    assert.equal(report.outcome, 'refused', report.headline);
    assert.deepEqual(begun(report).slice(-2), ['recheck', 'recheck']);
  });

  it('looks once more when the answer of a look comes late, as it does when a worker was away', async t => {
    let late = true;
    const clock = (): Date => new Date(Date.now() - (late ? minutes(3) : 0));
    const scene = await given(t, temporal, { plan: REVERTS, alone: true, clock });
    scene.at('set-policy', 'gate', () => {
      late = false;
    });
    const { report } = await scene.run();
    assert.equal(report.outcome, 'completed', report.headline);
    const steps = begun(report);
    assert.deepEqual(steps.slice(steps.indexOf('recheck'), steps.indexOf('capture-live')), [
      'recheck',
      'recheck',
      'shut-gates',
    ]);
    assert.equal(steps.filter(step => step === 'judge-inside').length, 1);
  });

  it('takes what cannot be dated for old', () => {
    const now = Date.parse('2026-01-01T00:10:00Z');
    assert.equal(isStale('2026-01-01T00:09:00Z', now), false);
    assert.equal(isStale('2026-01-01T00:07:00Z', now), true);
    assert.equal(isStale('when?', now), true);
    assert.equal(isStale(undefined, now), false, 'nothing rests on it');
  });
});

describe('users whom somebody let in while traffic was to stay shut', () => {
  it('have what they wrote counted before anything is replaced, and above the ceiling nothing is', async t => {
    const scene = await given(t, temporal, { plan: ASKS, data: 'restore' });
    const data = scene.world.volumes.get('data')!;
    scene.at('stop', 'web', () => {
      scene.world.container('gate').activity = 'running';
      data.live = { ...data.live, rows: data.live.rows + 50 };
    });
    const run = await scene.start({ lossCeiling: 10 });
    const held = await run.until('the hold', p => p.state === 'held' && p.awaiting !== undefined);
    assert.match(held.headline, /somebody started it/);
    await run.ask('decide', { by: 'ada', decide: 'retry', reason: 'shut again' });
    const again = await run.until('the second hold', p => p.state === 'held' && p.step === 'capture-live');
    assert.match(again.headline, /rows would be lost and 10 were accepted/);
    await run.ask('decide', { by: 'ada', decide: 'revert', reason: 'too many' });
    // Not held to the promises: somebody else broke one of them.
    const { outcome } = await run.until('the end', p => p.outcome !== undefined);
    assert.equal(outcome, 'reverted');
  });
});
