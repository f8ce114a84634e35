import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { given } from './given.ts';
import { useStage } from './shared-worker.ts';

const temporal = await useStage();

/** An engine call of each step, and which of its kind in a run that goes well. */
export const CALLS = [
  ['admit', 'observe', 'api', 1],
  ['stage', 'create', '*', 1],
  ['recheck', 'strangers', '*', 2],
  ['shut-gates', 'stop', 'gate', 1],
  ['capture-live', 'count', 'data', 1],
  ['stop-tiers', 'stop', 'api', 1],
  ['capture-stopped', 'capture', 'data', 1],
  ['swap-in', 'rename', 'api', 1],
  ['start-tiers', 'start', 'db', 1],
  ['judge-inside', 'probe', 'api', 2],
  ['open-gates', 'start', 'gate', 1],
  ['judge-front-door', 'front-door', '*', 1],
] as const;

describe('an abort', { concurrency: 8 }, () => {
  for (const [step, call, target, nth] of CALLS.slice(0, -2)) {
    const outcome = ['admit', 'stage', 'recheck'].includes(step) ? 'refused' : 'reverted';
    it(`in ${step} ends the run ${outcome}`, async t => {
      const scene = await given(t, temporal);
      const run = await scene.start();
      scene.at(call, target, () => run.ask('abort', { by: 'ada', reason: 'wrong platform' }), nth);
      const { report } = await run.end();
      assert.equal(report.outcome, outcome, report.headline);
      assert.match(report.headline, /aborted by ada: wrong platform/);
      assert.deepEqual([...scene.world.claims], []);
    });
  }

  for (const [step, call, target, nth] of CALLS.slice(-2)) {
    it(`in ${step} is past the line, and is told so`, async t => {
      const scene = await given(t, temporal);
      const run = await scene.start();
      let heeded: unknown;
      const abort = async () => {
        heeded = await run.ask('abort', { by: 'ada', reason: 'wait' });
      };
      scene.at(call, target, abort, nth);
      assert.equal((await run.end()).report.outcome, 'completed');
      assert.deepEqual(heeded, { counted: false, why: 'too late: traffic has opened; going back is a new run' });
    });
  }

  it('while the run waits for approval refuses it', async t => {
    const scene = await given(t, temporal, { approvals: 1 });
    const run = await scene.start();
    await run.until('the question', p => p.state === 'waiting');
    await run.tell('abort', { by: 'ada', reason: 'no' });
    assert.equal((await run.end()).report.outcome, 'refused');
  });

  it('while the run is paused refuses it', async t => {
    const scene = await given(t, temporal);
    scene.at('create', '*', () => run.tell('pause', { by: 'ada', reason: 'wait' }));
    const run = await scene.start();
    await run.until('the pause', p => p.state === 'paused');
    await run.ask('abort', { by: 'ada', reason: 'no' });
    assert.equal((await run.end()).report.outcome, 'refused');
  });

  it('is the cancellation of the workflow, before the line', async t => {
    const scene = await given(t, temporal);
    const run = await scene.start();
    scene.at('stop', 'api', async () => {
      await run.handle.cancel();
      await run.until('the cancellation', p => p.heard.some(heard => heard.kind === 'cancel'));
    });
    const { report } = await run.end();
    assert.equal(report.outcome, 'reverted');
    assert.match(report.headline, /aborted by temporal/);
  });

  it('is not the cancellation of the workflow after the line: that is ignored', async t => {
    const scene = await given(t, temporal);
    const run = await scene.start();
    scene.at('front-door', '*', async () => {
      await run.handle.cancel();
      await run.until('the cancellation', p => p.heard.some(heard => heard.kind === 'cancel'));
    });
    assert.equal((await run.end()).report.outcome, 'completed');
  });

  it('is heeded once', async t => {
    const scene = await given(t, temporal);
    const run = await scene.start();
    const said: unknown[] = [];
    scene.at('stop', 'api', async () => {
      for (const by of ['ada', 'bob']) said.push((await run.ask('abort', { by, reason: 'no' })).counted);
    });
    assert.equal((await run.end()).report.outcome, 'reverted');
    assert.deepEqual(said, [true, false]);
  });
});

describe('a paused run', { concurrency: 8 }, () => {
  it('stops before its next step and goes on when it is resumed', async t => {
    const scene = await given(t, temporal);
    const run = await scene.start();
    scene.at('create', '*', () => run.tell('pause', { by: 'ada', reason: 'wait' }));
    const paused = await run.until('the pause', p => p.state === 'paused');
    assert.equal(paused.step, 'stage');
    assert.equal(
      scene.world.happenings.some(({ call }) => call === 'stop'),
      false,
    );
    await run.tell('resume', { by: 'bob', reason: 'go' });
    assert.equal((await run.end()).report.outcome, 'completed');
  });
});
