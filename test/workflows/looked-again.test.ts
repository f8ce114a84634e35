import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { minutes } from '../../src/plan/duration.ts';
import { isStale } from '../../src/policy/stale.ts';
import type { RunReport } from '../../src/run/report.ts';
import { decide, isHeld } from './asked.ts';
import { given, type Scene, type Underway } from './given.ts';
import { useStage } from './shared-worker.ts';

const temporal = await useStage();

const reverts = (verify: string): string =>
  `budgets: { verify: { target: 1s, max: ${verify} } }\non-failure: { before-restore: revert, after-restore: revert }`;
const REVERTS = reverts('30s');
const ASKS = 'on-failure: { before-restore: ask, after-restore: ask, silence: stay, within: 1s }';

const begun = ({ steps }: Pick<RunReport, 'steps'>): string[] =>
  steps.filter(({ direction }) => direction === 'forward').map(({ step }) => step);
const pause = (run: Underway) => run.tell('pause', { by: 'ada', reason: 'let me look' });
const resume = (run: Underway) => run.tell('resume', { by: 'ada', reason: 'go' });
const isPaused = (run: Underway) => run.until('the pause', p => p.state === 'paused');

/** A host's clock that is an hour ahead whenever it is asked for the nth time, for each of these. */
function lateAt(...times: readonly number[]): () => Date {
  let asked = 0;
  return () => {
    asked += 1;
    return new Date(Date.now() + (times.includes(asked) ? minutes(60) : 0));
  };
}

/** Somebody starts the gate while it is to stay shut, and users write so many rows. */
function letsIn({ world }: Scene, rows: number): void {
  world.container('gate').activity = 'running';
  const data = world.volumes.get('data')!;
  data.live = { ...data.live, rows: data.live.rows + rows };
}

/** Of a run that people are asked about: told to try again it counts first, finds too many rows lost, and is taken back. */
async function countsFirst(run: Underway): Promise<void> {
  await decide(run, 'retry');
  const again = await run.until('the second hold', p => p.state === 'held' && p.step === 'capture-live');
  assert.match(again.headline, /rows would be lost and 10 were accepted/);
  await decide(run, 'revert');
  // Not held to the promises: somebody else broke one of them.
  const { outcome } = await run.until('the end', p => p.outcome !== undefined);
  assert.equal(outcome, 'reverted');
}

describe('what was looked at before a wait is looked at again', { concurrency: 8 }, () => {
  it('verifies anew before traffic opens: what no longer answers after a pause meets no user', async t => {
    // The second verification must run into it.
    const scene = await given(t, temporal, { plan: reverts('8s') });
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

  // The host's clock is asked when a look is over, and when what rests on it begins: before the freeze, then before the line.
  for (const [step, look, nth] of [
    ['shut-gates', 'recheck', 2],
    ['open-gates', 'judge-inside', 4],
  ] as const) {
    it(`does nothing at ${step} on what was seen an hour ago, and looks again`, async t => {
      const clock = lateAt(nth);
      const scene = await given(t, temporal, { plan: REVERTS, alone: true, clock });
      const { report } = await scene.run();
      assert.equal(report.outcome, 'completed', report.headline);
      const steps = begun(report);
      assert.deepEqual(steps.slice(steps.indexOf(look), steps.lastIndexOf(step) + 1), [look, step, look, step]);
      assert.equal(report.steps.filter(one => one.result?.stale === true).length, 1);
    });

    it(`is not let to act at ${step} by looks that come too late again and again`, async t => {
      const clock = lateAt(nth, nth + 2);
      const scene = await given(t, temporal, { plan: REVERTS, alone: true, clock });
      const { report } = await scene.run();
      assert.equal(report.outcome, step === 'shut-gates' ? 'refused' : 'reverted', report.headline);
      assert.match(report.headline, new RegExp(`what ${step} rests on was seen at .* nothing was done in this step`));
    });
  }

  it('does nothing at a second opening either on what was seen an hour ago', async t => {
    const plan = `budgets: { thaw: { target: 1s, max: 8s } }\n${ASKS}`;
    const scene = await given(t, temporal, { plan, alone: true, clock: lateAt(6) });
    let well = false;
    scene.world.frontDoor = () => ({ verdict: well ? 'passed' : 'failed', reason: 'expected 200, found 502' });
    const run = await scene.start();
    assert.equal((await isHeld(run)).step, 'judge-front-door');
    well = true;
    await decide(run, 'retry');
    const { report } = await run.end();
    assert.equal(report.outcome, 'completed', report.headline);
    const last = ['judge-inside', 'open-gates', 'judge-inside', 'open-gates', 'judge-front-door'];
    assert.deepEqual(begun(report).slice(-last.length), last);
    assert.equal(report.steps.findLast(one => one.result?.stale === true)?.step, 'open-gates');
  });

  it('does not compare a frozen platform with the approved one: what differs is its own doing', async t => {
    const scene = await given(t, temporal, { plan: ASKS });
    scene.faults({ call: 'stop', target: 'gate', kind: 'refuse', times: 1 });
    const run = await scene.start();
    await isHeld(run);
    await pause(run);
    await decide(run, 'retry');
    await isPaused(run);
    await resume(run);
    const { report } = await run.end();
    assert.equal(report.outcome, 'completed', report.headline);
    assert.equal(begun(report).filter(step => step === 'recheck').length, 1);
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
    scene.at('stop', 'web', () => letsIn(scene, 50));
    const run = await scene.start({ lossCeiling: 10 });
    assert.match((await isHeld(run)).headline, /somebody started it/);
    await countsFirst(run);
  });

  it('are counted too when it is the hold that finds and shuts the gate', async t => {
    const scene = await given(t, temporal, { plan: ASKS, data: 'restore' });
    scene.faults({ call: 'stop', target: 'web', kind: 'refuse', times: 1 });
    scene.at('stop', 'web', () => letsIn(scene, 50));
    const run = await scene.start({ lossCeiling: 10 });
    assert.doesNotMatch((await isHeld(run)).headline, /somebody started it/);
    await countsFirst(run);
  });

  it('are counted though the worker that shut the gate again died before it said so', async t => {
    const scene = await given(t, temporal, { plan: ASKS, data: 'restore', alone: true });
    scene.faults({ call: 'stop', target: 'web', kind: 'refuse', times: 1 });
    scene.at('stop', 'web', () => {
      letsIn(scene, 50);
      scene.once('stop', 'gate', () => scene.restart());
    });
    const run = await scene.start({ lossCeiling: 10 });
    await isHeld(run);
    await countsFirst(run);
  });

  it('are counted by stores that were stopped already, and are started for it', async t => {
    const scene = await given(t, temporal, { plan: ASKS, data: 'restore' });
    const [store] = [...scene.world.containers].find(([, one]) => one.volumes.includes('data'))!;
    scene.once('stop', store, () => letsIn(scene, 3));
    const run = await scene.start({ lossCeiling: 20 });
    const held = await isHeld(run);
    assert.match(held.headline, /somebody started it/);
    await decide(run, 'retry');
    const { outcome, losses, steps } = await run.until('the end', p => p.outcome !== undefined);
    assert.equal(outcome, 'completed');
    assert.equal(
      losses.reduce((sum, loss) => sum + loss.lost, 0),
      13,
    );
    const again = steps.slice(steps.findIndex(one => one.step === held.step) + 1);
    assert.deepEqual(
      again.slice(0, 4).map(({ step, direction }) => `${step} ${direction}`),
      ['swap-in undo', 'stop-tiers undo', 'capture-live forward', 'stop-tiers forward'],
    );
  });
});
