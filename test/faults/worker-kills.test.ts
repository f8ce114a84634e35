import { after, describe, it } from 'node:test';
import { aftercareId, rollbackId } from '../../src/workflows/messages.ts';
import { only } from '../support/only.ts';
import { useTemporal } from '../support/temporal.ts';
import { captureGood, fillStore } from './deaths/data.ts';
import { setFaultStand } from './deaths/fault-stand.ts';
import { type Lane, meet, newSums, type Strike, saySums } from './deaths/matrix.ts';
import type { Point } from './deaths/point.ts';
import { CAPTURING, RESTORING, SETTLING } from './deaths/points-data.ts';
import { PREPARE_TO_STOP, SWAP_TO_START, VERIFY_TO_THAW } from './deaths/points-forward.ts';
import { UNDOING } from './deaths/points-undo.ts';

const { address } = await useTemporal();
const sums = newSums();

/** Without a word, and another one takes its place. */
const killWorker: Strike = async (scene, point) => {
  await scene.stand.worker.kill();
  const missed = point.missed({ ...scene, journal: scene.entries() });
  scene.tap.drop();
  await scene.stand.worker.start();
  return { missed };
};

type Set = (t: Parameters<typeof setFaultStand>[0]) => Promise<Lane>;
const plain: Set = t => setFaultStand(t, address);
const longWindow: Set = t => setFaultStand(t, address, plan => plan.setIn(['verify', 'window'], '4s'));

const large: Set = async t => {
  const lane = await plain(t);
  await fillStore(lane.stand);
  return lane;
};

/** What the run replaced is exported and dropped as soon as it is over. */
const restoring: Set = async t => {
  const { stand, tap } = await setFaultStand(t, address, plan => {
    plan.setIn(['verify', 'window'], '4s');
    plan.setIn(['aftercare'], { for: '1s', every: '1s' });
  });
  await fillStore(stand);
  const afterDeploy = await captureGood(stand);
  const over = (workflow: string, run?: string) =>
    stand.at.client.workflow
      .getHandle(workflow, run)
      .result()
      .catch(() => undefined);
  const afterRun = async (run: string) => {
    await over(rollbackId(stand.platform), run);
    await over(aftercareId(stand.platform));
  };
  return { stand, tap, afterDeploy, afterRun };
};

const LANES: readonly (readonly [title: string, set: Set, points: readonly Point[]])[] = [
  ['from stage to stop', plain, PREPARE_TO_STOP],
  ['in restore and start', plain, SWAP_TO_START],
  ['in verify and thaw', longWindow, VERIFY_TO_THAW],
  ['in snapshot', large, CAPTURING],
  ['where data is restored, and after it', restoring, [...RESTORING, ...SETTLING]],
  ['while it is being undone', longWindow, UNDOING],
];
const POINTS = only(
  LANES.flatMap(([, , points]) => points),
  ({ name }) => name,
);

describe('SIGKILL of the worker in the middle of a step', { concurrency: LANES.length }, () => {
  after(() => saySums('worker: killed', POINTS.length, sums));
  for (const [title, set, all] of LANES) {
    const points = all.filter(point => POINTS.includes(point));
    if (points.length === 0) continue;
    it(`ends as it should, nothing done twice, no answer mixed: ${title}`, async t => {
      const lane = await set(t);
      for (const point of points) await t.test(point.name, () => meet(lane, point, killWorker, sums));
    });
  }
});
