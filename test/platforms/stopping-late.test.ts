import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { send } from '../../src/client/runs.ts';
import { clearFaults, setFault } from '../../testbed/small/platform.ts';
import { checkPromises } from '../checker/promises.ts';
import { useTemporal } from '../support/temporal.ts';
import { journalOf } from './evidence.ts';
import { awaitPoint } from './kill-points.ts';
import { type Ran, runSmall } from './runs.ts';
import { type Stand, say, setStand } from './stand.ts';

const { address } = await useTemporal();

describe('what is slow to go down is not taken for running', () => {
  let stand: Stand;
  before(async () => {
    stand = await setStand(address, plan => plan.setIn(['on-failure', 'before-restore'], 'revert'));
  });
  beforeEach(async () => {
    clearFaults(stand.small);
    stand.plan();
    await stand.deploy();
  });
  after(() => stand.end());

  /** Reverted whole, and still so: nothing that was told to stop goes down afterwards. */
  async function isUpAgain({ report, evidence }: Ran, service: string): Promise<void> {
    assert.equal(report.outcome, 'reverted', report.headline);
    assert.deepEqual(checkPromises(evidence), []);
    const told = journalOf(stand.state, stand.platform, report.run).find(
      ({ fact }) => fact.type === 'intent' && fact.effect === 'stop' && fact.key.target === service,
    );
    const { State, HostConfig } = await stand.engine.client.getContainer(service).inspect();
    assert.equal(State.Running, true);
    assert.equal(HostConfig.RestartPolicy?.Name, 'always');
    assert.ok(Date.parse(State.StartedAt) > Date.parse(told?.at ?? ''), 'it went down, and was started again');
    say(`${service}: told to stop at ${told?.at}, up again since ${State.StartedAt}`);
  }

  it('a store that outlives its grace, and may not be killed, is waited for before it is started again', async () => {
    // It takes 8 s: longer than its grace, and less than twice that.
    stand.plan(plan => plan.setIn(['targets', 'store', 'stop'], { grace: '5s' }));
    setFault(stand.small, 'store', 'slow-term');
    await isUpAgain(await runSmall(stand), 'store');
  });

  it('a service that drains when the run is aborted ends its stop first', async () => {
    // Once it is told, it has longer than the 8 s that it takes.
    stand.plan(plan => plan.setIn(['targets', 'front', 'stop'], { grace: '12s' }));
    setFault(stand.small, 'front', 'slow-term');
    const ran = await runSmall(stand, {
      meanwhile: async run => {
        await awaitPoint(stand, run, { step: 'stop-tiers', edge: 'began' });
        await send(stand.at, stand.platform, 'abort', { by: 'tester', reason: 'second thoughts' });
      },
    });
    await isUpAgain(ran, 'front');
  });

  it('a service that exits as it starts is given up at once, started once, with minutes left', async () => {
    stand.plan(plan => {
      plan.setIn(['budgets', 'start'], { target: '2m', max: '5m' });
      plan.setIn(['on-failure', 'after-restore'], 'revert');
    });
    setFault(stand.small, 'work', 'v1:no-start');
    const { report, evidence } = await runSmall(stand, { uncounted: ['start', 'die'] });
    assert.equal(report.outcome, 'reverted', report.headline);
    assert.match(report.headline, /work.*(exited|restarts)/);
    assert.deepEqual(checkPromises(evidence), []);
    const starts = journalOf(stand.state, stand.platform, report.run).filter(
      ({ fact }) =>
        fact.type === 'intent' &&
        fact.effect === 'start' &&
        fact.key.target === 'work' &&
        fact.key.direction === 'forward',
    );
    assert.equal(starts.length, 1);
  });
});
