import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { given, type Underway } from './given.ts';
import { useStage } from './shared-worker.ts';

const temporal = await useStage();

const asked = async (run: Underway): Promise<string> => {
  const { outline } = await run.until('the question', p => p.step === 'approve' && p.state === 'waiting');
  return outline!.hash;
};

describe('a run that needs approval', { concurrency: 8 }, () => {
  it('goes on when a signal approves it', async t => {
    const scene = await given(t, temporal, { approvals: 1 });
    const run = await scene.start();
    const hash = await asked(run);
    assert.deepEqual(
      scene.world.happenings.map(({ call }) => call).filter(call => call === 'stop'),
      [],
    );
    await run.tell('confirm', { by: 'ada', hash: hash.slice(0, 8) });
    assert.equal((await run.end()).report.outcome, 'completed');
  });

  it('tells the sender of an update that it counts', async t => {
    const scene = await given(t, temporal, { approvals: 1 });
    const run = await scene.start();
    const heeded = await run.ask('confirm', { by: 'ada', hash: await asked(run) });
    assert.equal(heeded.counted, true);
    assert.equal((await run.end()).report.outcome, 'completed');
  });

  it('counts two approvals of one person once', async t => {
    const scene = await given(t, temporal, { approvals: 2 });
    const run = await scene.start();
    const hash = await asked(run);
    await run.ask('confirm', { by: 'ada', hash });
    await run.ask('confirm', { by: ' ada ', hash });
    const waiting = await run.progress();
    assert.match(waiting.awaiting?.what ?? '', /1 of 2 approvals/);
    await run.ask('confirm', { by: 'bob', hash });
    assert.equal((await run.end()).report.outcome, 'completed');
  });

  it('records early, short and other hashes, and counts none of them', async t => {
    const scene = await given(t, temporal, { approvals: 1 });
    scene.at('find-owner', '*', () => early.promise);
    const early = Promise.withResolvers<void>();
    const run = await scene.start();
    const first = await run.ask('confirm', { by: 'ada', hash: 'a'.repeat(64) });
    early.resolve();
    assert.deepEqual(first, { counted: false, why: 'too early: the run hash is not known yet' });
    const hash = await asked(run);
    const short = await run.ask('confirm', { by: 'ada', hash: hash.slice(0, 7) });
    assert.deepEqual(short, { counted: false, why: '7 of at least 8 characters of the run hash' });
    const other = await run.ask('confirm', { by: 'ada', hash: 'f'.repeat(64) });
    assert.match(other.why, /for run hash ffff/);
    await run.tell('deny', { by: 'eve', reason: 'not now' });
    const { report } = await run.end();
    assert.equal(report.outcome, 'refused');
    assert.match(report.headline, /denied by eve/);
    assert.deepEqual(
      report.heard.map(heard => [heard.kind, heard.counted]),
      [
        ['confirm', false],
        ['confirm', false],
        ['confirm', false],
        ['deny', true],
      ],
    );
  });

  it('is refused when nobody answers in time', async t => {
    const plan = 'policy: { P0: { approvals: 1, by: [anyone], within: 1s, silence: refuse } }';
    const scene = await given(t, temporal, { plan });
    const { report } = await scene.run();
    assert.equal(report.outcome, 'refused');
    assert.match(report.headline, /expired: 0 of 1 approvals/);
    assert.equal(report.cause, 'expired');
  });

  it('asks the next level when silence escalates, and takes its approval', async t => {
    const plan = 'policy: { P0: { approvals: 1, by: [anyone], within: 10s, silence: escalate } }';
    const scene = await given(t, temporal, { plan });
    const run = await scene.start();
    const hash = await asked(run);
    await run.until('the next level', p => p.told.some(told => told.kind === 'still-awaiting'));
    await run.ask('confirm', { by: 'ada', hash });
    assert.equal((await run.end()).report.outcome, 'completed');
  });

  it('asks each level once, and is refused when the last one is silent too', async t => {
    const plan = 'policy: { P0: { approvals: 1, by: [anyone], within: 1s, silence: escalate } }';
    const scene = await given(t, temporal, { plan });
    const { report } = await scene.run();
    assert.equal(report.outcome, 'refused');
    assert.deepEqual(
      report.told.filter(told => told.kind.endsWith('awaiting')).map(told => [told.kind, told.channel]),
      [
        ['awaiting', 'oncall'],
        ['still-awaiting', 'lead'],
      ],
    );
  });

  it('heeds a denial that comes after the approval and before the freeze', async t => {
    const scene = await given(t, temporal, { approvals: 1 });
    const run = await scene.start();
    const hash = await asked(run);
    scene.at('strangers', '*', () => run.ask('deny', { by: 'eve', reason: 'wait' }));
    await run.ask('confirm', { by: 'ada', hash });
    const { report } = await run.end();
    assert.equal(report.outcome, 'refused', report.headline);
    assert.match(report.headline, /denied by eve/);
    assert.equal(report.cause, 'denied');
  });

  it('is refused by an abort while it waits, which is no denial', async t => {
    const scene = await given(t, temporal, { approvals: 1 });
    const run = await scene.start();
    await asked(run);
    await run.ask('abort', { by: 'ada', reason: 'wrong release' });
    const { report } = await run.end();
    assert.deepEqual([report.outcome, report.cause], ['refused', 'aborted']);
  });

  it('is refused by a denial though it needs no approval', async t => {
    const scene = await given(t, temporal);
    const run = await scene.start();
    scene.at('create', '*', () => run.ask('deny', { by: 'eve', reason: 'wait' }));
    const { report } = await run.end();
    assert.equal(report.outcome, 'refused', report.headline);
    assert.equal(report.cause, 'denied');
  });

  it('gives the approvers the time back for which it was paused', async t => {
    const plan = 'policy: { P0: { approvals: 1, by: [anyone], within: 10s, silence: refuse } }';
    const scene = await given(t, temporal, { plan });
    scene.at('create', '*', () => run.tell('pause', { by: 'ada', reason: 'lunch' }));
    const run = await scene.start();
    const { at } = await run
      .until('the pause', p => p.state === 'paused')
      .then(p => ({ at: Date.parse(p.steps.at(-1)!.endedAt!) }));
    await run.until('a pause longer than the time for approvals', () => Date.now() - at > 10_500);
    await run.tell('resume', { by: 'ada', reason: 'back' });
    const hash = await asked(run);
    await run.ask('confirm', { by: 'bob', hash });
    assert.equal((await run.end()).report.outcome, 'completed');
  });
});
