import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { send } from '../../src/client/runs.ts';
import type { RunProgress } from '../../src/run/progress.ts';
import { rollbackId } from '../../src/workflows/messages.ts';
import { poll } from '../../testbed/process/poll.ts';
import { say } from '../platforms/stand.ts';
import { useTemporal } from '../support/temporal.ts';
import { setFaultStand } from './deaths/fault-stand.ts';
import { type Lane, meet, newSums, type Strike, saySums } from './deaths/matrix.ts';
import type { Point, Scene } from './deaths/point.ts';
import { FREEZE_BEGINS, PREPARE_TO_STOP, SWAP_TO_START, VERIFY_TO_THAW } from './deaths/points-forward.ts';

const { address } = await useTemporal();
const sums = newSums();

const FORWARD = [FREEZE_BEGINS, ...PREPARE_TO_STOP, ...SWAP_TO_START, ...VERIFY_TO_THAW];
const named = (...names: readonly string[]): Point[] =>
  names.map(name => {
    const point = FORWARD.find(one => one.name === name);
    if (point === undefined) throw new Error(`no point is called ${name}`);
    return point;
  });

/**
 * Side by side: an engine that comes back takes some seconds. Every container has policy `always`: whatever is up when its
 * engine dies, and has not had its policy set aside, is up again; what has is down.
 */
const LANES = [
  named(
    FREEZE_BEGINS.name,
    'freeze, the gate to be told to stop, its policy aside',
    'stop, one service stopped, another to be told',
  ),
  named(
    'restore, one container set aside, its successor not brought in',
    'start, a container started and nobody told',
    'start, a container started, its policy not given back',
  ),
  named('stop, a store told to stop and nobody told that it was', 'thaw, the gate started, its policy not given back'),
] as const;
const POINTS = LANES.flat().length + 1;

describe('SIGKILL of the engine in the middle of a step', { concurrency: LANES.length }, () => {
  let gaps = 0;
  after(() => {
    saySums('engine: killed', POINTS, sums);
    say(`engine: the recorder lost it ${gaps} times, and took its events up again`);
  });
  for (const points of LANES) {
    const title = points.map(({ name }) => name).join('; ');
    it(`goes on when it is back, nothing done twice, no answer mixed: ${title}`, async t => {
      const { stand, tap } = await setFaultStand(t, address);
      const lane: Lane = { stand, tap, afterDeploy: () => tap.stepIn() };
      for (const point of points) await t.test(point.name, () => meet(lane, point, killEngine, sums));
      gaps += stand.recorder.gaps();
    });
  }

  it('holds a run whose engine stays away for longer than the phase may take, and does not take the gate for shut', async t => {
    const { stand, tap } = await setFaultStand(t, address, plan => {
      for (const [phase, max] of [
        ['freeze', '8s'],
        ['undo', '15s'],
      ])
        plan.setIn(['budgets', phase], { target: '4s', max });
    });
    // Its last attempt is ended while it waits for the next one: the history has none, and status told of it.
    const { activity: _, ...begins } = FREEZE_BEGINS;
    const lane: Lane = { stand, tap, afterDeploy: () => tap.stepIn() };
    await meet(lane, { ...begins, outcome: 'reverted' }, stayAway, sums);
    gaps += stand.recorder.gaps();
  });
});

/** dockerd alone; it comes back from the same data. */
const killEngine: Strike = async (scene, point) => {
  const missed = await dies(scene, point);
  return { missed, away: await comesBack(scene) };
};

async function dies({ stand, tap, ...scene }: Scene, point: Point): Promise<string | undefined> {
  const missed = point.missed({ stand, tap, ...scene, journal: scene.entries() });
  await stand.engine.kill();
  // From here on its socket is what a dead engine leaves.
  tap.stepAside();
  tap.drop();
  return missed;
}

async function comesBack({ stand }: Scene): Promise<{ from: string; to: string }> {
  const from = new Date().toISOString();
  await stand.engine.start();
  const log = readFileSync(join(stand.directory, 'engine', 'dockerd.log'), 'utf8');
  const to = [...log.matchAll(/time="([^"]+)" level=info msg="API listen on/g)].at(-1)?.[1];
  const since = Date.parse(to ?? '');
  assert.ok(since >= Date.parse(from), `the engine listened last at ${to}, it was killed before ${from}`);
  return { from, to: new Date(since).toISOString() };
}

/** Nobody can say whether the gate is shut: with its engine the way to it died too, and both come back together. */
const stayAway: Strike = async (scene, point) => {
  const { stand, run } = scene;
  const missed = await dies(scene, point);
  // A step that does not move says why, to whoever asks before anybody is paged.
  await poll({ what: 'status to name the engine', deadlineMs: 60_000, everyMs: 200 }, async () => {
    const { stdout } = await stand.cli('status', stand.platform);
    return /\w+, attempt \d+: .*engine/.test(stdout.replaceAll(/\s+/g, ' ')) && stdout;
  }).then(picture => say(`status while the engine is away:\n${picture}`));
  const handle = stand.at.client.workflow.getHandle(rollbackId(stand.platform), run);
  const held = await poll({ what: 'the run to be held', deadlineMs: 240_000, everyMs: 200 }, async () => {
    const progress = await handle.query<RunProgress>('progress');
    return progress.state === 'held' && progress.awaiting !== undefined ? progress : undefined;
  });
  assert.deepEqual(held.notShut, ['gate'], held.headline);
  assert.match(held.headline, /engine .* no answer/);
  say(`held: ${held.headline}`);
  const away = await comesBack(scene);
  const { heeded } = await send(stand.at, stand.platform, 'decide', {
    by: 'manager',
    reason: 'it is back',
    decide: 'retry',
  });
  assert.ok(heeded?.counted, heeded?.why);
  return { missed, away };
};
