import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { given } from './given.ts';
import { useStage } from './shared-worker.ts';

const temporal = await useStage();

describe('a rollback on the scripted world', { concurrency: 8 }, () => {
  it('puts every target back to the release and completes', async t => {
    const scene = await given(t, temporal);
    const { report } = await scene.run();
    assert.equal(report.outcome, 'completed');
  });

  it('replaces a store whose data is to be restored, at the loss that was accepted', async t => {
    const scene = await given(t, temporal, { data: 'restore' });
    const { report } = await scene.run({ lossCeiling: 10 });
    assert.equal(report.outcome, 'completed');
    assert.equal(report.losses[0]?.lost, 10);
  });
});
