import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { World } from '../../src/drivers/scripted/world.ts';
import type { RunReport } from '../../src/run/report.ts';
import type { StepName } from '../../src/run/step.ts';
import { given } from './given.ts';
import { useStage } from './shared-worker.ts';

const temporal = await useStage();

/** The same container, up again. */
const restart = (world: World): void => {
  world.containers.get('web')!.started = world.nextId();
};

const saidIn = (report: RunReport, step: StepName): string =>
  report.steps
    .filter(one => one.step === step)
    .map(({ result }) => `${result?.reason} ${result?.targets.map(({ note }) => note).join(' ')}`)
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
    it(`before ${call} ${target} is named in ${step}, once, and the run completes`, async t => {
      const scene = await given(t, temporal, { data: 'restore' });
      scene.at(call, target, () => scene.meddles(restart), nth);
      const { report } = await scene.run({ lossCeiling: 10 });
      assert.equal(report.outcome, 'completed', report.headline);
      assert.match(saidIn(report, step), /restarted, and not by this run/);
      assert.equal(JSON.stringify(report.steps).split('not by this run').length - 1, 1, 'it is said once');
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

  it('is nobody when nobody did', async t => {
    const scene = await given(t, temporal, { data: 'restore' });
    const { report } = await scene.run({ lossCeiling: 10 });
    assert.doesNotMatch(JSON.stringify(report), /not by this run/);
  });
});
