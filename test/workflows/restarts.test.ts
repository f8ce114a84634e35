import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { World } from '../../src/drivers/scripted/world.ts';
import type { RunId } from '../../src/plan/ids.ts';
import type { RunReport } from '../../src/run/report.ts';
import type { StepName } from '../../src/run/step.ts';
import { given } from './given.ts';
import { useStage } from './shared-worker.ts';
import { quiet } from './waiting.ts';

const temporal = await useStage();

/** The same container, up again. */
const restart = (world: World): void => {
  world.containers.get('web')!.started = world.nextId();
};

/** As everybody reads it, and not only in the JSON. */
const saidIn = (report: RunReport, step: StepName): string =>
  report.steps
    .filter(one => one.step === step)
    .map(({ result }) => result?.reason)
    .join(' ');

/** Engine calls before which somebody restarts it, and the step that must say so. */
const MOMENTS = [
  ['stop', 'gate', 1, 'stop-tiers'],
  ['stop', 'web', 1, 'stop-tiers'],
  ['count', '*', 2, 'stop-tiers'],
  ['probe', 'api', 2, 'judge-inside'],
  ['start', 'gate', 1, 'judge-front-door'],
] as const;

describe('a service that somebody restarts in mid-run', { concurrency: 6 }, () => {
  for (const [call, target, nth, step] of MOMENTS) {
    it(`before ${call} ${target} is named in ${step}, and the run completes`, async t => {
      const scene = await given(t, temporal, { data: 'restore' });
      scene.at(call, target, () => scene.meddles(restart), nth);
      const { report } = await scene.run({ lossCeiling: 10 });
      assert.equal(report.outcome, 'completed', report.headline);
      assert.match(saidIn(report, step), /; web: restarted, and not by this run/);
    });
  }

  it('while people are asked is named before the freeze', async t => {
    const scene = await given(t, temporal, { approvals: 1 });
    const run = await scene.start();
    const { outline } = await run.until('the question', p => p.state === 'waiting');
    scene.changes(restart);
    await run.ask('confirm', { by: 'ada', hash: outline!.hash });
    const { report } = await run.end();
    assert.equal(report.outcome, 'completed', report.headline);
    assert.match(saidIn(report, 'recheck'), /web: restarted, and not by this run/);
  });

  for (const [title, times, outcome] of [
    ['once in the window has it begin anew, once', 1, 'completed'],
    ['again and again is not verified: it did not stay up', 200, 'reverted'],
  ] as const) {
    it(title, async t => {
      const plan =
        'verify: { window: 2s, front-door: [{ http: "http://127.0.0.1:1/" }] }\non-failure: { after-restore: revert }';
      const scene = await given(t, temporal, { plan });
      let left: number = times;
      const next = (): void => {
        left -= 1;
        if (left >= 0) scene.meddles(restart);
        if (left > 0) scene.at('observe', 'web', next);
      };
      // The first look of the window is over.
      scene.at('probe', 'api', () => scene.at('observe', 'web', next, 3), 2);
      const { report } = await scene.run();
      assert.equal(report.outcome, outcome, report.headline);
      const window = report.steps.find(({ step, direction }) => step === 'judge-inside' && direction === 'forward')!;
      const took = Date.parse(window.endedAt!) - Date.parse(window.beganAt);
      assert.ok(took >= 1_900 && took < 30_000, `${took} ms`);
      assert.match(saidIn(report, 'judge-inside'), /; web: restarted/);
      if (outcome === 'reverted') assert.match(report.headline, /did not stay up over its window of 2\.0s/);
    });
  }

  const ACCUSES = /not by this run|by somebody|somebody had/;
  it('is nobody when nobody did', async t => {
    const scene = await given(t, temporal, { data: 'restore' });
    const { report } = await scene.run({ lossCeiling: 10 });
    assert.doesNotMatch(JSON.stringify(report), ACCUSES);
  });

  it('is nobody when a run is taken back from the middle of its stop, or from its start', async t => {
    for (const [call, target] of [
      ['stop', 'db'],
      ['start', 'db'],
    ] as const) {
      const scene = await given(t, temporal, { plan: 'on-failure: { before-restore: revert, after-restore: revert }' });
      scene.at(call, target, () => scene.faults({ call, kind: 'refuse', times: 1 }));
      const { report } = await scene.run();
      assert.equal(report.outcome, 'reverted', report.headline);
      assert.doesNotMatch(JSON.stringify(report), ACCUSES);
    }
  });

  it('is nobody when a run is taken over in the middle of its stop', async t => {
    const scene = await given(t, temporal);
    scene.at('stop', 'db', () => run.handle.terminate('the server is lost'));
    const run = await scene.start();
    await run.handle.result().catch(() => undefined);
    await quiet(scene);
    const { report } = await scene.run({ takeOver: run.handle.firstExecutionRunId as RunId });
    assert.equal(report.outcome, 'reverted', report.headline);
    assert.doesNotMatch(JSON.stringify(report), ACCUSES);
  });
});
