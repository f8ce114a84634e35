import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { only } from '../support/only.ts';
import { useTemporal } from '../support/temporal.ts';
import { setFaultStand } from './deaths/fault-stand.ts';
import { meet, newSums, type Strike, saySums } from './deaths/matrix.ts';
import type { Point } from './deaths/point.ts';
import { PREPARE_TO_STOP, SWAP_TO_START, VERIFY_TO_THAW } from './deaths/points-forward.ts';
import { UNDOING } from './deaths/points-undo.ts';

const { address } = await useTemporal();
const sums = newSums();

/** As whoever updates it does: it is told to stop in good order, in the middle of a call, and another one takes its place. */
const stopWorker: Strike = async (scene, point) => {
  const missed = point.missed({ ...scene, journal: scene.entries() });
  assert.equal(await scene.stand.worker.stop(), 0, 'it ends in good order, and not by being killed');
  scene.tap.drop();
  await scene.stand.worker.start();
  return { missed };
};

/** What is under way may end first, within the grace of its worker: only what cannot is given to the next one. */
const isHeld = ({ step }: Point): boolean => step !== 'judge-front-door';
const LANES: readonly (readonly [title: string, points: readonly Point[]])[] = [
  ['from stage to stop', PREPARE_TO_STOP],
  ['in restore and start', SWAP_TO_START],
  ['in verify and thaw', VERIFY_TO_THAW.filter(isHeld)],
  ['while it is being undone', UNDOING],
];
const POINTS = only(
  LANES.flatMap(([, points]) => points),
  ({ name }) => name,
);

describe('SIGTERM of the worker in the middle of a step', { concurrency: LANES.length }, () => {
  after(() => saySums('worker: told to stop', POINTS.length, sums));
  for (const [title, all] of LANES) {
    const points = all.filter(point => POINTS.includes(point));
    if (points.length === 0) continue;
    it(`changes nothing of how it ends, nothing done twice: ${title}`, async t => {
      const lane = await setFaultStand(t, address, plan => plan.setIn(['verify', 'window'], '4s'));
      for (const point of points) await t.test(point.name, () => meet(lane, point, stopWorker, sums));
    });
  }
});
