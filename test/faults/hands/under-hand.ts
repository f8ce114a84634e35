import assert from 'node:assert/strict';
import { send } from '../../../src/client/runs.ts';
import type { Answer } from '../../../src/policy/answers.ts';
import type { RunProgress } from '../../../src/run/progress.ts';
import { rollbackId } from '../../../src/workflows/messages.ts';
import { poll } from '../../../testbed/process/poll.ts';
import { setFault } from '../../../testbed/small/platform.ts';
import { awaitPoint } from '../../platforms/kill-points.ts';
import { type Looks, lookAtSmall } from '../../platforms/looks.ts';
import { type Ran, runSmall } from '../../platforms/runs.ts';
import type { Stand } from '../../platforms/stand.ts';
import type { EngineTap } from '../deaths/engine-tap.ts';
import type { Hand, Into } from './laying.ts';
import { isBeforeFreeze, layAt, type Point } from './points.ts';

export interface Under {
  readonly stand: Stand;
  readonly tap: EngineTap;
  readonly hand: Hand;
  readonly point: Point;
  /** What whoever is asked answers first: `retry` once the hand was mended, or `revert` at once. */
  readonly first: 'retry' | 'revert';
}

export interface UnderHand extends Ran {
  readonly laidAt: string;
  /** Why the run was held, each time. */
  readonly asked: readonly string[];
  /** The platform after the hand was laid. */
  readonly after: Looks;
}

/** What a service that does not start has to do with it: only a revert, or a run that is held, has such points. */
const FAILS: Partial<Record<Point, string>> = { undo: 'v1:no-start', held: 'v1:no-start' };

/** One run under traffic with one hand laid into it. Whoever is asked answers, and mends what can be mended. */
export async function runUnderHand({ stand, tap, hand, point, first }: Under): Promise<UnderHand> {
  stand.plan(plan => {
    if (point === 'held') plan.setIn(['on-failure', 'after-restore'], 'ask');
  });
  const fault = FAILS[point];
  if (fault !== undefined) setFault(stand.small, 'cache', fault);
  const asked: string[] = [];
  let laidAt = '';
  let after: Looks = new Map();
  const afterwards: (() => Promise<unknown>)[] = [];
  try {
    const ran = await runSmall(stand, {
      rate: 3,
      request: { severity: point === 'approve' ? 'P1' : 'P0' },
      handedOverTo: 'whoever is on call',
      ...(fault === undefined ? {} : { uncounted: ['start', 'die'] }),
      meanwhile: async run => {
        const into: Into = { stand, run, engine: stand.engine.client, afterwards };
        const lay = async (): Promise<void> => {
          laidAt = new Date().toISOString();
          await hand.lay(into);
          // Asked of a refused run alone; and an image that a hand took away cannot be looked at.
          if (isBeforeFreeze(point)) after = await lookAtSmall(stand.engine.client, stand.small);
        };
        if (point === 'approve') await layWhileAwaited(stand, run, lay);
        else if (point === 'held') await untilHeldOrOver(stand, run, 0).then(lay);
        else await layAt({ stand, tap, run }, point, lay);
        await answer(into, hand, point === 'held' ? 'revert' : first, asked);
      },
    });
    assert.notEqual(laidAt, '', 'the hand was laid');
    return { ...ran, laidAt, asked, after };
  } catch (error) {
    // A test that failed must not leave its run to those that follow.
    await stand.at.client.workflow
      .getHandle(rollbackId(stand.platform))
      .terminate('its test failed')
      .catch(() => undefined);
    throw error;
  } finally {
    for (const undo of afterwards.toReversed()) await undo();
  }
}

async function layWhileAwaited(stand: Stand, run: string, lay: () => Promise<void>): Promise<void> {
  await awaitPoint(stand, run, { step: 'approve', edge: 'began' });
  await lay();
  const { outline } = await handleOf(stand, run).query<{ outline: { hash: string } }>('progress');
  await send(stand.at, stand.platform, 'confirm', { by: 'manager', hash: outline.hash });
}

/** Whoever is asked mends what can be mended and tries again, once each way; then goes back, or takes over. */
export async function answer(into: Into, hand: Hand, first: 'retry' | 'revert', asked: string[]): Promise<void> {
  const { stand, run } = into;
  const tried = new Set<string>(first === 'revert' ? ['forward before the line'] : []);
  for (let times = 0; ; times += 1) {
    const held = await untilHeldOrOver(stand, run, times);
    if (held === undefined) return;
    asked.push(held.headline);
    const mayRevert = held.awaiting?.what.includes('revert') ?? false;
    const where = `${held.direction} ${mayRevert ? 'before the line' : ''}`;
    const decide: Answer = !tried.has(where) ? 'retry' : mayRevert ? 'revert' : 'handover';
    tried.add(where);
    if (decide === 'retry') await hand.mend?.(into);
    await send(stand.at, stand.platform, 'decide', { by: 'whoever is on call', reason: 'seen', decide });
  }
}

/** A run that asks pages somebody, and one that ends says so: between two of these it is seldom asked how it stands. */
const ANYWAY_MS = 2_000;

/** @returns nothing once the run is over */
function untilHeldOrOver(stand: Stand, run: string, answers: number): Promise<RunProgress | undefined> {
  const over = Symbol();
  let heard = -1;
  let due = 0;
  return poll({ what: 'the run to be held, or over', deadlineMs: 120_000, everyMs: 50 }, async () => {
    if (stand.pager.heard.length === heard && Date.now() < due) return undefined;
    heard = stand.pager.heard.length;
    due = Date.now() + ANYWAY_MS;
    const progress = await handleOf(stand, run).query<RunProgress>('progress');
    if (progress.state === 'closed') return over;
    const told = progress.heard.filter(({ kind, counted }) => kind === 'decide' && counted).length;
    return progress.state === 'held' && progress.awaiting !== undefined && told >= answers ? progress : undefined;
  }).then(found => (found === over ? undefined : (found as RunProgress)));
}

const handleOf = ({ at, platform }: Stand, run: string) => at.client.workflow.getHandle(rollbackId(platform), run);
