import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { send } from '../../src/client/runs.ts';
import { checkPromises } from '../checker/promises.ts';
import { useTemporal } from '../support/temporal.ts';
import { awaitPoint, isStillAt, KILL_POINTS, type KillPoint } from './kill-points.ts';
import { runSmall } from './runs.ts';
import { type Stand, say, setStand } from './stand.ts';

/** Most of a killed run is the server's wait for a heartbeat that does not come: several engines wait beside each other. */
const LANES = 6;
const nameOf = ({ step, edge }: KillPoint): string => `${step} ${edge}`;
const { address } = await useTemporal();

describe('SIGKILL of the worker at each boundary of the runbook', { concurrency: LANES }, () => {
  const killed: string[] = [];
  const late: string[] = [];
  const counted = { events: 0, answers: 0, writes: 0 };
  after(() => {
    const moved = late.length === 0 ? '' : ` (the run had moved on at ${late.join(', ')})`;
    say(
      `killed at ${killed.length} of ${KILL_POINTS.length} points${moved}: ${counted.events} engine events, ${counted.answers} answers, ${counted.writes} acknowledged writes`,
    );
    assert.ok(late.length <= KILL_POINTS.length * 0.2, `killed too late at ${late.length} points`);
  });

  for (let lane = 0; lane < LANES; lane += 1) {
    const points = KILL_POINTS.filter((_, index) => index % LANES === lane);
    it(`completes all the same, nothing done twice, no answer mixed: ${points.map(nameOf).join(', ')}`, async t => {
      const stand = await setStand(address);
      t.after(() => stand.end());
      for (const point of points) {
        await t.test(nameOf(point), async () => {
          await stand.deploy();
          const { report, evidence, there } = await killAt(stand, point);
          if (!there) late.push(nameOf(point));
          assert.equal(report.outcome, 'completed', report.headline);
          assert.deepEqual(checkPromises(evidence), []);
          killed.push(nameOf(point));
          counted.events += evidence.recorder?.length ?? 0;
          counted.answers += evidence.answers?.length ?? 0;
          counted.writes += evidence.writes?.length ?? 0;
        });
      }
    });
  }
});

/** People are asked only where the point is about them. */
async function killAt(stand: Stand, point: KillPoint) {
  const asked = point.step === 'approve';
  const confirm = async (): Promise<unknown> => {
    const { hash } = await stand.at.client.workflow
      .getHandle(`rollback:${stand.platform}`)
      .query<{ outline: { hash: string } }>('progress')
      .then(({ outline }) => outline);
    return send(stand.at, stand.platform, 'confirm', { by: 'manager', hash });
  };
  let there = false;
  const ran = await runSmall(stand, {
    rate: 3,
    request: { severity: asked ? 'P1' : 'P0' },
    meanwhile: async run => {
      if (asked && point.edge === 'ended') {
        await awaitPoint(stand, run, { step: 'approve', edge: 'began' });
        void confirm().catch(() => undefined);
      }
      await awaitPoint(stand, run, point);
      await stand.worker.kill();
      there = isStillAt(stand, run, point);
      await stand.worker.start();
      if (asked && point.edge === 'began') await confirm();
    },
  });
  return { ...ran, there };
}
