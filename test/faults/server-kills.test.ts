import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { send } from '../../src/client/runs.ts';
import type { RunProgress } from '../../src/run/progress.ts';
import { rollbackId } from '../../src/workflows/messages.ts';
import { poll } from '../../testbed/process/poll.ts';
import { setFault } from '../../testbed/small/platform.ts';
import { findTemporal } from '../../testbed/temporal/binary.ts';
import { startTemporal } from '../../testbed/temporal/server.ts';
import { say } from '../platforms/stand.ts';
import { setFaultStand } from './deaths/fault-stand.ts';
import { type Lane, meet, newSums, type Strike, saySums } from './deaths/matrix.ts';
import type { Point } from './deaths/point.ts';
import { SWAP_TO_START } from './deaths/points-forward.ts';

// A server of this file's own, its state in a file: what dies may be nobody else's.
const directory = await mkdtemp(join(tmpdir(), 'lg-temporal-'));
const { path: binary } = await findTemporal({ say });
const server = await startTemporal({ binary, directory, say });
after(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

const sums = newSums();

/** The worker is in the middle of its act, carries it through, and has nobody to tell. */
const killServer: Strike = async (scene, point) => {
  const missed = point.missed({ ...scene, journal: scene.entries() });
  await server.kill();
  scene.tap.release();
  await server.start();
  return { missed };
};

const progressOf = ({ stand, run }: Parameters<Strike>[0]): Promise<RunProgress> =>
  stand.at.client.workflow.getHandle(rollbackId(stand.platform), run).query<RunProgress>('progress');

const HELD: Point = {
  name: 'held, people being asked',
  step: 'start-tiers',
  direction: 'forward',
  outcome: 'reverted',
  activity: 'startTier',
  reach: scene =>
    poll({ what: 'the run to be held', deadlineMs: 240_000 }, async () => {
      const { state, awaiting } = await progressOf(scene);
      return state === 'held' && awaiting !== undefined;
    }),
  missed: () => undefined,
};

/** The question still stands when it is back; it is answered then. */
const killServerAndDecide: Strike = async (scene, point) => {
  const struck = await killServer(scene, point);
  const { stand } = scene;
  const asked = await poll({ what: 'the question', deadlineMs: 120_000 }, async () => {
    const progress = await progressOf(scene);
    return progress.state === 'held' && progress.awaiting;
  });
  assert.match(asked.what, /retry, revert, handover/);
  const { heeded } = await send(stand.at, stand.platform, 'decide', {
    by: 'manager',
    reason: 'seen',
    decide: 'revert',
  });
  assert.ok(heeded?.counted, heeded?.why);
  return struck;
};

describe('SIGKILL of the Temporal server', { concurrency: 1 }, () => {
  after(() => saySums('server: killed', 2, sums));
  it('ends as it should, nothing done twice, no answer mixed', async t => {
    const { stand, tap } = await setFaultStand(t, server.address, plan =>
      plan.setIn(['on-failure', 'after-restore'], 'ask'),
    );
    const lane: Lane = { stand, tap, attempts: 1 };
    const restore = SWAP_TO_START[0] as Point;
    await t.test(restore.name, () => meet(lane, restore, killServer, sums));
    // A container that is started and ends by itself does so again and again.
    const looping: Lane = { ...lane, uncounted: ['start', 'die'] };
    await t.test(HELD.name, async () => {
      setFault(stand.small, 'work', 'v1:no-start');
      await meet(looping, HELD, killServerAndDecide, sums);
    });
  });
});
