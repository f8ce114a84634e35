import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { given } from './given.ts';
import { useStage } from './shared-worker.ts';

const temporal = await useStage();

describe('a worker that is told to stop', { concurrency: 2 }, () => {
  it('in the window of a verification leaves the whole of it to the next one', async t => {
    const plan = 'verify: { window: 6s, front-door: [{ http: "http://127.0.0.1:1/health" }] }';
    const scene = await given(t, temporal, { alone: true, plan });
    const relieved = Promise.withResolvers<void>();
    const next = { probed: 0, opened: 0 };
    const relieve = (): void => {
      scene.at('probe', 'api', () => (next.probed = Date.now()));
      scene.at('start', 'gate', () => (next.opened = Date.now()));
      void scene.relieved().then(relieved.resolve, relieved.reject);
    };
    // Once the probes have agreed, and all of it was seen to be right.
    scene.at('probe', 'api', () => scene.at('observe', 'api', relieve, 3), 2);
    const run = await scene.start();
    const [{ report }] = await Promise.all([run.end(), relieved.promise]);
    assert.equal(report.outcome, 'completed', report.headline);
    // Its window begins after its first probe. One that is cut short is probed at its end alone.
    const took = next.opened - next.probed;
    assert.ok(took >= 5_900, `the second window of 6 s took ${took} ms`);
    const judged = report.steps.find(({ step }) => step === 'judge-inside')?.result?.reason ?? '';
    const samples = Number(/over (\d+) samples/.exec(judged)?.[1]);
    assert.ok(samples >= 4, judged);
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
