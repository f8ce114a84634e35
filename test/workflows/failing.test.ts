import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Fault, FaultKind } from '../../src/drivers/scripted/world.ts';
import type { Phase } from '../../src/plan/plan.ts';
import { PHASE_OF, type StepName } from '../../src/run/step.ts';
import { given } from './given.ts';
import { useStage } from './shared-worker.ts';

const temporal = await useStage();

const PHASES: readonly Phase[] = ['freeze', 'snapshot', 'stop', 'restore', 'start', 'verify'];
/** Whatever fails is undone without asking. @param short the phase that cannot succeed, and is given up within seconds; no other meets its maximum */
const reverting = (short?: Phase): string => {
  const budgets = PHASES.map(phase => `${phase}: { target: 1s, max: ${phase === short ? 4 : 30}s }`);
  return `budgets: { ${budgets.join(', ')} }\non-failure: { before-restore: revert, after-restore: revert }`;
};

type Ending = 'reverted' | 'completed';
const CHANGES: Readonly<Record<FaultKind, Ending>> = {
  refuse: 'reverted',
  unavailable: 'reverted',
  'done-then-fails': 'completed',
  lie: 'reverted',
  stall: 'reverted',
};
const READS: Partial<Record<FaultKind, Ending>> = { refuse: 'reverted', unavailable: 'reverted', stall: 'reverted' };

const FAILING: readonly (readonly [
  step: StepName,
  fault: Omit<Fault, 'kind'>,
  kinds: Partial<Record<FaultKind, Ending>>,
])[] = [
  ['shut-gates', { call: 'stop', target: 'gate' }, CHANGES],
  ['stop-tiers', { call: 'stop', target: 'api' }, CHANGES],
  ['capture-stopped', { call: 'capture', target: 'data' }, READS],
  ['swap-in', { call: 'rename', target: 'api' }, CHANGES],
  ['swap-in', { call: 'swap-file' }, CHANGES],
  ['start-tiers', { call: 'start', target: 'web' }, CHANGES],
  ['judge-inside', { call: 'probe', target: 'web', from: 2 }, READS],
];

describe('a step that fails before the line', { concurrency: 8 }, () => {
  for (const [step, fault, kinds] of FAILING) {
    for (const [kind, ending] of Object.entries(kinds) as [FaultKind, Ending][]) {
      it(`${step}: ${fault.call} meets ${kind}, and the run is ${ending}`, async t => {
        // The driver answers these at once; what else fails does so until its phase is over.
        const isBrief = kind === 'refuse' || kind === 'done-then-fails';
        const scene = await given(t, temporal, { plan: reverting(isBrief ? undefined : PHASE_OF[step]) });
        // What stalls does so once: the first try lasts until the phase is over.
        const once = isBrief || kind === 'stall';
        scene.faults({ ...fault, kind, ...(once ? { times: 1 } : {}) });
        const run = await scene.start();
        if (!once) {
          await run.until('the end of the phase', p => p.direction === 'undo' || p.outcome !== undefined);
          scene.world.faults = [];
        }
        const { report } = await run.end();
        assert.equal(report.outcome, ending, report.headline);
        assert.deepEqual([...scene.world.claims], []);
        if (ending === 'reverted')
          assert.deepEqual(
            [...scene.world.containers.keys()].filter(name => name.includes('.lg-')),
            [],
          );
      });
    }
  }

  it('an unhealthy release is reverted when its probes never agree', async t => {
    const scene = await given(t, temporal, { plan: reverting('start') });
    scene.behaves('v1', { healthy: false });
    assert.equal((await scene.run()).report.outcome, 'reverted');
  });

  it('a release that restarts in a loop is reverted', async t => {
    const scene = await given(t, temporal, { plan: reverting() });
    scene.behaves('v1', { loops: true });
    const { report } = await scene.run();
    assert.equal(report.outcome, 'reverted');
    assert.match(report.headline, /restarts/);
  });

  it("a service that restarts after its probes agreed fails verification, and is nobody else's doing", async t => {
    const scene = await given(t, temporal, {
      plan: `${reverting()}\nverify: { window: 2s, front-door: [{ http: "http://127.0.0.1:1/h" }] }`,
    });
    scene.at(
      'observe',
      'api',
      () => {
        scene.world.container('api').restarts = 3;
      },
      5,
    );
    const { report } = await scene.run();
    assert.equal(report.outcome, 'reverted', report.headline);
    assert.match(report.headline, /restarts: 3/);
  });

  it('a service that ignores its stop signal is killed', async t => {
    const scene = await given(t, temporal);
    scene.behaves('v2', { ignoresStop: true });
    assert.equal((await scene.run()).report.outcome, 'completed');
  });

  it('a store that ignores its stop signal is never killed: the run reverts', async t => {
    const scene = await given(t, temporal, { plan: reverting() });
    scene.behaves('pg15', { ignoresStop: true });
    const { report } = await scene.run();
    assert.equal(report.outcome, 'reverted');
    assert.match(report.headline, /did not stop in its grace, and may not be killed/);
    assert.equal(
      scene.world.happenings.some(({ call, target }) => call === 'stop' && target === 'db'),
      false,
    );
  });

  it('what looped before the freeze may loop again after the revert', async t => {
    const scene = await given(t, temporal, { plan: reverting('start') });
    scene.behaves('v2', { loops: true });
    scene.changes(world => {
      for (const name of ['api', 'web']) world.container(name).activity = 'looping';
    });
    scene.behaves('v1', { healthy: false });
    assert.equal((await scene.run()).report.outcome, 'reverted');
  });

  it('what was stopped before the freeze stays stopped after the revert, with its own restart policy', async t => {
    const scene = await given(t, temporal, { plan: reverting('start') });
    scene.changes(world => {
      world.container('web').activity = 'exited';
    });
    scene.behaves('v1', { healthy: false });
    assert.equal((await scene.run()).report.outcome, 'reverted');
  });

  it('a revert leaves the gates shut where the plan says so', async t => {
    const scene = await given(t, temporal, { plan: `${reverting('start')}\nafter-revert: stay-shut` });
    scene.behaves('v1', { healthy: false });
    assert.equal((await scene.run()).report.outcome, 'reverted');
  });

  it('rows written between the approval and the freeze lift the loss above its ceiling: the run reverts', async t => {
    const scene = await given(t, temporal, { plan: reverting(), data: 'restore' });
    scene.at(
      'strangers',
      '*',
      () =>
        scene.changes(world => {
          const data = world.volumes.get('data')!;
          data.live = { ...data.live, rows: 101 };
        }),
      2,
    );
    const { report } = await scene.run({ lossCeiling: 10 });
    assert.equal(report.outcome, 'reverted', report.headline);
    assert.match(report.headline, /11 rows would be lost and 10 were accepted/);
  });

  it('a kept store that comes up with fewer rows than at the freeze lets no traffic in', async t => {
    const scene = await given(t, temporal, { plan: reverting() });
    const hold = (rows: number) => (): void => {
      const data = scene.world.volumes.get('data')!;
      data.live = { ...data.live, rows };
    };
    // As a store that finds another directory than it should: what it really holds is there again under the old release.
    scene.at('start', 'db', hold(3));
    scene.at('stop', 'db', hold(100), 2);
    const { report } = await scene.run();
    assert.equal(report.outcome, 'reverted', report.headline);
    assert.match(report.headline, /at the freeze 100 rows, now 3/);
  });

  it('a store that was restored is put back with every row', async t => {
    const scene = await given(t, temporal, { plan: reverting('start'), data: 'restore' });
    scene.behaves('v1', { healthy: false });
    const { report } = await scene.run({ lossCeiling: 10 });
    assert.equal(report.outcome, 'reverted', report.headline);
    assert.equal(scene.world.volumes.get('data')?.live.rows, 100);
  });
});
