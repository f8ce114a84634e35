import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { given } from './given.ts';
import { useStage } from './shared-worker.ts';

const temporal = await useStage();

describe('a worker that is told to stop', { concurrency: 2 }, () => {
  it('in the window of a verification leaves the whole of it to the next one', async t => {
    const scene = await given(t, temporal, {
      alone: true,
      plan: 'verify: { window: 3s, front-door: [{ http: "http://127.0.0.1:1/health" }] }',
    });
    const run = await scene.start();
    await run.until('verification', ({ step }) => step === 'judge-inside');
    await pause(1_200);
    await scene.relieved();
    const { report } = await run.end();
    assert.equal(report.outcome, 'completed', report.headline);
    const judged = report.steps.find(({ step }) => step === 'judge-inside')?.result?.reason ?? '';
    const samples = Number(/over (\d+) samples/.exec(judged)?.[1]);
    assert.ok(samples >= 4, `at its begin, and once a second: ${judged}`);
  });

  it('while users are not answered yet leaves that to the next one to judge', async t => {
    const scene = await given(t, temporal, { alone: true });
    let answers = false;
    scene.world.frontDoor = () =>
      answers ? { verdict: 'passed', reason: 'answers' } : { verdict: 'failed', reason: 'expected 200, found 502' };
    const relieved = Promise.withResolvers<void>();
    scene.at('front-door', '*', () => {
      void scene
        .relieved()
        .then(() => {
          answers = true;
        })
        .then(relieved.resolve, relieved.reject);
    });
    const run = await scene.start();
    await relieved.promise;
    const seen = await run.until('a question, or the end', p => p.awaiting !== undefined || p.outcome !== undefined);
    assert.equal(seen.outcome, 'completed', seen.headline);
    await run.end();
  });
});
