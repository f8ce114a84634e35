import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AftercareProgress } from '../../src/workflows/aftercare.ts';
import { aftercareId } from '../../src/workflows/messages.ts';
import { given, type Scene } from './given.ts';
import { useStage } from './shared-worker.ts';
import { polled } from './waiting.ts';

const temporal = await useStage();

const spoil = ({ platform }: Scene): void => void platform.faultsInFile.push('plan.yaml:1:1: version: expected 1');

describe('a plan file that is edited to nonsense', { concurrency: 4 }, () => {
  it('takes a held run neither its people nor its lock', async t => {
    const plan = `budgets: { start: { target: 1s, max: 30s } }
on-failure: { before-restore: ask, after-restore: ask, silence: stay, within: 1s }`;
    const scene = await given(t, temporal, { plan });
    scene.faults({ call: 'start', target: 'web', kind: 'refuse', times: 1 });
    scene.at('start', 'web', () => spoil(scene));
    const run = await scene.start();
    const seen = await run.until('level 2', p => p.told.some(told => told.level === 2));
    assert.deepEqual(
      seen.told.filter(({ delivered }) => !delivered),
      [],
    );
    await run.ask('decide', { decide: 'retry', by: 'ada', reason: 'seen to it' });
    const { report } = await run.end();
    assert.equal(report.outcome, 'completed');
    assert.deepEqual(report.leftBehind, []);
    assert.equal(scene.world.claims.get(scene.platform.name)?.run === report.run, false);
  });

  it('keeps no watch from dropping what undo kept', async t => {
    const scene = await given(t, temporal);
    scene.at('front-door', '*', () => spoil(scene));
    await scene.run();
    await polled(
      'the end',
      () => temporal.client.workflow.getHandle(aftercareId(scene.platform.name)).query<AftercareProgress>('progress'),
      p => p.state === 'settled',
    );
    assert.deepEqual(
      [...scene.world.containers.keys()].filter(name => name.includes('.lg-')),
      [],
    );
  });
});
