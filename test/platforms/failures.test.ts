import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { send } from '../../src/client/runs.ts';
import { type RunId, stagedName } from '../../src/plan/ids.ts';
import type { Phase } from '../../src/plan/plan.ts';
import type { SmallPlanOptions } from '../../testbed/small/plan.ts';
import { clearFaults, setFault } from '../../testbed/small/platform.ts';
import { OURS } from '../../testbed/small/requests.ts';
import { checkPromises } from '../checker/promises.ts';
import { useTemporal } from '../support/temporal.ts';
import { journalOf } from './evidence.ts';
import { untilHeld } from './held.ts';
import { awaitPoint } from './kill-points.ts';
import { type Ran, runSmall } from './runs.ts';
import { type Stand, say, setStand } from './stand.ts';
import { takePort } from './stranger.ts';

const { address } = await useTemporal();

/** The window is long enough to see a loop. */
const watchful: SmallPlanOptions['edit'] = plan => plan.setIn(['verify', 'window'], '3s');
/** Of phases that must run into their maximum before a test goes on: short. All others have the plan's half a minute. */
const atMost =
  (maxima: Partial<Record<Phase | 'undo', `${number}s`>>): SmallPlanOptions['edit'] =>
  plan => {
    for (const [phase, max] of Object.entries(maxima)) plan.setIn(['budgets', phase], { target: '2s', max });
  };
/** Containers that loop start and die by themselves, and by the engine. */
const LOOPS = ['start', 'die'];

type Case = readonly [title: string, run: (stand: Stand) => Promise<void>];

describe('what fails on real containers', { concurrency: 2 }, () => {
  const lane = (name: string, cases: readonly Case[]) =>
    it(name, async t => {
      const stand = await setStand(address, watchful);
      t.after(() => stand.end());
      for (const [title, run] of cases)
        await t.test(title, async () => {
          clearFaults(stand.small);
          stand.plan();
          await stand.deploy();
          await run(stand);
        });
    });

  lane('services', [
    ['kills a service that ignores its stop signal, once its grace is over, and completes', ignoresTerm],
    ['reverts when a service of the release does not start', stand => reverts(stand, 'v1:no-start', LOOPS)],
    [
      'reverts when a service of the release never listens',
      stand => reverts(stand, 'v1:no-listen', [], atMost({ start: '8s' })),
    ],
    [
      'reverts when a service answers 200 with a version that its probe does not want',
      stand => reverts(stand, 'v1:wrong-version', [], atMost({ start: '8s' })),
    ],
    ['reverts when a service of the release starts, agrees, and loops', stand => reverts(stand, 'v1:loop', LOOPS)],
  ]);
  lane('gates, and people', [
    [
      'is held and says NOT SHUT when a stranger answers behind a gate that was stopped; reverts once told to',
      willNotShut,
    ],
    ['is held when a stranger has the address of a gate that is to open, and completes once told to', willNotOpen],
    ['is held when undoing fails too, with traffic shut, and reverts once told to', failsTwice],
    ['is held where the plan says ask, and keeps traffic shut when it is handed over', asksAndHandsOver],
  ]);
});

function judge({ report, evidence }: Ran, outcome: string): void {
  assert.equal(report.outcome, outcome, report.headline);
  assert.deepEqual(checkPromises(evidence), []);
  say(
    `${outcome}: ${evidence.recorder?.length} engine events, ${evidence.answers?.length} answers: ${report.headline}`,
  );
}

async function ignoresTerm(stand: Stand): Promise<void> {
  setFault(stand.small, 'work', 'v2:ignore-term');
  const ran = await runSmall(stand);
  judge(ran, 'completed');
  const killed = journalOf(stand.state, stand.platform, ran.report.run).filter(
    ({ fact }) => fact.type === 'done' && fact.effect === 'kill',
  );
  assert.deepEqual(
    killed.map(({ fact }) => 'key' in fact && fact.key.target),
    ['work'],
  );
}

/** What the platform is afterwards is compared with what it was just before, target by target, by the checker (I1.targets). */
async function reverts(
  stand: Stand,
  fault: string,
  uncounted: readonly string[],
  edit?: SmallPlanOptions['edit'],
): Promise<void> {
  stand.plan(edit);
  setFault(stand.small, 'work', fault);
  const ran = await runSmall(stand, { uncounted });
  judge(ran, 'reverted');
  assert.match(ran.report.headline, /\bwork\b/);
}

async function willNotShut(stand: Stand): Promise<void> {
  stand.plan(atMost({ freeze: '8s', undo: '12s' }));
  const ran = await runSmall(stand, {
    meanwhile: async run => {
      const stranger = await takePort(stand.small.port);
      const held = await untilHeld(stand, run);
      assert.deepEqual(held.notShut, ['gate']);
      await stranger.leave();
      await decide(stand, 'retry');
    },
  });
  judge(ran, 'reverted');
  const titles = ran.evidence.notifications?.map(({ title }) => title) ?? [];
  assert.ok(
    titles.some(title => title.includes('NOT SHUT')),
    titles.join('; '),
  );
}

async function willNotOpen(stand: Stand): Promise<void> {
  // Held, its gate is to be shut once more, and is not while the stranger answers.
  stand.plan(atMost({ freeze: '8s' }));
  const ran = await runSmall(stand, {
    meanwhile: async run => {
      await awaitPoint(stand, run, { step: 'stop-tiers', edge: 'began' });
      const stranger = await takePort(stand.small.port);
      const held = await untilHeld(stand, run);
      assert.equal(held.step, 'judge-inside', 'it is seen before traffic is to open');
      assert.match(held.headline, /gate/);
      await stranger.leave();
      await decide(stand, 'retry');
    },
    // A start that the engine refused is no act that took hold.
    uncounted: LOOPS,
  });
  judge(ran, 'completed');
}

async function failsTwice(stand: Stand): Promise<void> {
  setFault(stand.small, 'work', 'v1:no-start');
  const ran = await runSmall(stand, {
    uncounted: LOOPS,
    meanwhile: async run => {
      await awaitPoint(stand, run, { step: 'start-tiers', edge: 'began' });
      const stranger = await stand.engine.client.createContainer({
        name: stagedName('work', run as RunId),
        Image: stand.small.images.v2,
        Labels: OURS,
      });
      const held = await untilHeld(stand, run);
      assert.equal(held.direction, 'undo');
      assert.equal(held.traffic, 'shut');
      await stranger.remove();
      await decide(stand, 'retry');
    },
  });
  const recorder = ran.evidence.recorder?.filter(({ target, action }) => target !== 'work' || action === 'rename');
  judge({ ...ran, evidence: { ...ran.evidence, ...(recorder === undefined ? {} : { recorder }) } }, 'reverted');
}

async function asksAndHandsOver(stand: Stand): Promise<void> {
  stand.plan(plan => plan.setIn(['on-failure', 'after-restore'], 'ask'));
  setFault(stand.small, 'work', 'v1:no-start');
  const ran = await runSmall(stand, {
    uncounted: LOOPS,
    handedOverTo: 'whoever is on call',
    meanwhile: async run => {
      const held = await untilHeld(stand, run);
      assert.deepEqual(held.notShut, []);
      await decide(stand, 'handover');
    },
  });
  judge(ran, 'held');
}

async function decide({ at, platform }: Stand, decision: 'retry' | 'handover'): Promise<void> {
  const { heeded } = await send(at, platform, 'decide', { by: 'whoever is on call', reason: 'seen', decide: decision });
  assert.ok(heeded?.counted, heeded?.why);
}
