import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { World } from '../../src/drivers/scripted/world.ts';
import { given } from './given.ts';
import { useStage } from './shared-worker.ts';
import { polled } from './waiting.ts';

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

  it('restores a store across major versions of its engine', async t => {
    const data = (world: World) => world.volumes.get('data')!;
    const scene = await given(t, temporal, {
      data: 'restore',
      before: world => {
        data(world).live = { ...data(world).live, holds: 'PostgreSQL 15' };
      },
    });
    scene.changes(world => {
      data(world).live = { ...data(world).live, holds: 'PostgreSQL 16' };
    });
    const { report } = await scene.run({ lossCeiling: 10 });
    assert.equal(report.outcome, 'completed', report.headline);
    assert.equal(data(scene.world).live.version, 'captured');
  });

  it('tells people once when it is past its total, and once at its maximum, and goes on', async t => {
    const plan = 'budgets: { total: { target: 1s, max: 8s } }';
    const scene = await given(t, temporal, { plan });
    const told = () => scene.platform.told.filter(({ id }) => id.includes('-past-total-'));
    scene.at('start', 'web', () =>
      polled(
        'people to hear of it while a step is at work',
        async () => told().length,
        count => count >= 2,
      ),
    );
    const { report } = await scene.run();
    assert.equal(report.outcome, 'completed', report.headline);
    assert.deepEqual(
      report.told.filter(one => one.kind === 'past-total').map(one => one.channel),
      ['oncall', 'oncall'],
    );
    assert.match(told()[0]?.text ?? '', /1\.0s planned for the whole run/);
    assert.match(told()[1]?.text ?? '', /past its maximum of 8\.0s/);
  });
});
