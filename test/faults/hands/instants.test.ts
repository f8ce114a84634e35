import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startRollback } from '../../../src/client/runs.ts';
import { CLAIM_KNOWN_FOR_MS } from '../../../src/executor/executor.ts';
import { outgoingName, type RunId } from '../../../src/plan/ids.ts';
import type { AftercareProgress } from '../../../src/workflows/aftercare.ts';
import { aftercareId, rollbackId } from '../../../src/workflows/messages.ts';
import type { rollback } from '../../../src/workflows/rollback.ts';
import { poll } from '../../../testbed/process/poll.ts';
import { setFault } from '../../../testbed/small/platform.ts';
import { requestsOf } from '../../../testbed/small/requests.ts';
import { checkPromises } from '../../checker/promises.ts';
import { CAUSES } from '../../platforms/evidence.ts';
import { journalNow } from '../../platforms/kill-points.ts';
import { lookAtSmall } from '../../platforms/looks.ts';
import { requestOf, runSmall } from '../../platforms/runs.ts';
import { type Stand, say, setStand } from '../../platforms/stand.ts';
import { useTemporal } from '../../support/temporal.ts';
import { finished } from '../../workflows/run-of.ts';
import { createEngineTap, type EngineTap } from '../deaths/engine-tap.ts';
import { anew } from './anew.ts';
import { lessTheHand } from './judging.ts';
import { ON_OUR_OWN } from './laying.ts';
import { layAt } from './points.ts';
import { answer, runUnderHand } from './under-hand.ts';

const { address } = await useTemporal();

/** Acts that were begun, and not yet seen to be done: the engine may hear of them once the worker goes on. Not of `work`'s, which it had done. */
function underWayAt(stand: Stand, run: string, then: string): { target: string; effect: string }[] {
  const begun = new Map<string, { target: string; effect: string }>();
  for (const { at, fact } of journalNow(stand, run)) {
    if (at > then || !('effect' in fact) || fact.key.target === 'work') continue;
    const { effect } = fact;
    const { target } = fact.key;
    if (fact.type === 'intent') begun.set(`${target} ${effect}`, { target, effect });
    else begun.delete(`${target} ${effect}`);
  }
  return [...begun.values()];
}

describe('a hand that meets a run at its worst', () => {
  let tap: EngineTap;
  let stand: Stand;
  before(async () => {
    tap = createEngineTap();
    stand = await setStand(address, plan => {
      plan.setIn(['hosts', 'main', 'docker'], tap.front(String(plan.getIn(['hosts', 'main', 'docker']))));
      plan.setIn(['budgets', 'undo'], { target: '10s', max: '60s' });
    });
  });
  beforeEach(() => anew(stand));
  after(async () => {
    tap.close();
    await stand.end();
  });

  it('makes a service again between the two renames of its swap: theirs is not touched, and the run is taken back', async () => {
    const { client } = stand.engine;
    const asked: string[] = [];
    let theirs = '';
    const ran = await runSmall(stand, {
      meanwhile: async run => {
        const aside = outgoingName('work', run as RunId);
        await tap.hold('unanswered', ({ verb, to }) => verb === 'rename' && to === aside);
        const request = requestsOf({ ...stand.small, release: 'v2' }).find(({ name }) => name === 'work') ?? {};
        theirs = (await client.createContainer(request)).id;
        tap.release();
        const mend = async () => {
          assert.equal((await client.getContainer('work').inspect()).Id, theirs, 'it stands where it was made');
          await client.getContainer(theirs).remove();
        };
        const hand = { name: '', touches: [], lay: async () => undefined, mend };
        await answer({ stand, run, engine: client, afterwards: [] }, hand, 'revert', asked);
      },
    });
    assert.equal(ran.report.outcome, 'reverted', ran.report.headline);
    assert.match(asked.join(), /work was made again by somebody/);
    const recorder = ran.evidence.recorder?.filter(({ target }) => target !== 'work') ?? [];
    assert.deepEqual(checkPromises({ ...ran.evidence, recorder }), []);
  });

  it('prunes every stopped container, the claim too: the run is held, and whoever takes it over has it all back from the record', async () => {
    const now = await lookAtSmall(stand.engine.client, stand.small);
    const hand = ON_OUR_OWN.pruned;
    const ran = await runUnderHand({ stand, tap, hand, point: 'swap-in', first: 'revert' });
    assert.equal(ran.report.outcome, 'held', ran.report.headline);
    assert.deepEqual(checkPromises(await lessTheHand(stand, hand, 'swap-in', ran)), []);
    const takeOver = ran.report.run as RunId;
    const { run } = await startRollback(stand.at, requestOf(stand.platform, { takeOver }));
    const handle = stand.at.client.workflow.getHandle<typeof rollback>(rollbackId(stand.platform), run);
    const { report } = await finished(handle);
    assert.equal(report.outcome, 'reverted', report.headline);
    assert.match(JSON.stringify(report), /work was gone: it is made again from its record/);
    assert.deepEqual(await lookAtSmall(stand.engine.client, stand.small), now);
  });

  it('deletes what undo kept, and the worker dies as it makes that again: the next one finishes it, and nobody is asked', async () => {
    const { client } = stand.engine;
    const asked: string[] = [];
    setFault(stand.small, 'cache', 'v1:no-start');
    const ran = await runSmall(stand, {
      uncounted: ['start', 'die'],
      meanwhile: async run => {
        await layAt({ stand, tap, run }, 'undo', () =>
          client.getContainer(outgoingName('work', run as RunId)).remove({ force: true }),
        );
        await tap.hold('unanswered', ({ verb, name }) => verb === 'create' && name === 'work');
        await stand.worker.kill();
        tap.drop();
        await stand.worker.start();
        const hand = { name: '', touches: [], lay: async () => undefined };
        await answer({ stand, run, engine: client, afterwards: [] }, hand, 'revert', asked);
      },
    });
    assert.equal(ran.report.outcome, 'reverted', ran.report.headline);
    assert.deepEqual(asked, []);
    const recorder = ran.evidence.recorder?.filter(({ target }) => target !== 'work') ?? [];
    assert.deepEqual(checkPromises({ ...ran.evidence, recorder }), []);
  });

  it('gives the platform to another run while the worker is frozen in mid-step: its late act is refused, and on record', async () => {
    const hand = ON_OUR_OWN.claimReplaced;
    const asked: string[] = [];
    const afterwards: (() => Promise<unknown>)[] = [];
    let [laidAt, goesOnAt] = ['', ''];
    try {
      const ran = await runSmall(stand, {
        handedOverTo: 'whoever is on call',
        meanwhile: async run => {
          const into = { stand, run, engine: stand.engine.client, afterwards };
          const aside = outgoingName('work', run as RunId);
          await tap.hold('unanswered', ({ verb, to }) => verb === 'rename' && to === aside);
          stand.worker.freeze();
          laidAt = new Date().toISOString();
          await hand.lay(into);
          // What it asked meanwhile is answered: it goes on with its next act at once when it wakes.
          tap.release();
          await pause(CLAIM_KNOWN_FOR_MS + 500);
          goesOnAt = new Date().toISOString();
          stand.worker.goOn();
          await answer(into, hand, 'revert', asked);
        },
      });
      assert.equal(ran.report.outcome, 'held', ran.report.headline);
      const refused = journalNow(stand, ran.report.run).flatMap(({ fact }) => (fact.type === 'refused' ? [fact] : []));
      assert.ok(refused.length > 0, 'no act of it was refused');
      for (const { reason } of refused) assert.equal(reason, 'claim held by somebody-elses-run');
      const underWay = underWayAt(stand, ran.report.run, laidAt);
      const acts = (ran.evidence.recorder ?? []).filter(({ at, target, action }) => {
        if (at <= goesOnAt) return false;
        const begun = underWay.findIndex(one => one.target === target && CAUSES[action]?.includes(one.effect));
        return begun < 0 || underWay.splice(begun, 1).length === 0;
      });
      assert.deepEqual(acts, [], 'what it did after it was refused');
      const under = { ...ran, laidAt, asked, after: new Map() };
      assert.deepEqual(checkPromises(await lessTheHand(stand, hand, 'swap-in', under)), []);
      say(`zombie on a real engine: ${refused.length} late acts refused (${refused[0]?.reason})`);
    } finally {
      for (const undo of afterwards.toReversed()) await undo();
    }
  });

  it('starts what undo kept once the run is over: aftercare drops nothing of it', async () => {
    stand.plan(plan => plan.setIn(['aftercare'], { for: '1s', every: '1s' }));
    const keptOf = (run: string) => stand.engine.client.getContainer(outgoingName('work', run as RunId));
    const isOver = (run: string): boolean => journalNow(stand, run).some(({ fact }) => fact.type === 'closed');
    const { report } = await runSmall(stand, {
      meanwhile: async run => {
        await tap.hold('unheard', () => isOver(run));
        await keptOf(run).start();
        tap.release();
      },
    });
    assert.equal(report.outcome, 'completed', report.headline);
    const kept = keptOf(report.run);
    const care = stand.at.client.workflow.getHandle(aftercareId(stand.platform));
    const settling = async () => {
      const { state } = await care.query<AftercareProgress>('progress');
      return state === 'settling' || state === 'settled';
    };
    await poll({ what: 'aftercare to settle', deadlineMs: 60_000, everyMs: 100 }, settling);
    await poll({ what: 'its first try to be over', deadlineMs: 60_000, everyMs: 100 }, async () => {
      const { raw } = await care.describe();
      return (raw.pendingActivities ?? []).length === 0;
    });
    assert.equal((await kept.inspect()).State.Running, true);
    const progress = await care.query<AftercareProgress>('progress');
    assert.equal(progress.state, 'settling', 'it tries again');
    await care.signal('handOver');
  });
});
