import { STEPS, type StepName } from '../../../src/run/step.ts';
import { rollbackId } from '../../../src/workflows/messages.ts';
import type { rollback } from '../../../src/workflows/rollback.ts';
import type { Ground } from '../../platforms/ground.ts';
import { journalNow } from '../../platforms/kill-points.ts';
import { finished } from '../../workflows/run-of.ts';
import type { EngineTap } from '../deaths/engine-tap.ts';

/**
 * Where somebody's hand is laid: before the first thing that a step asks of the engine. `undo`: the release is about to
 * be swapped back. `held`: a person is asked, and the release's start had failed.
 */
export const POINTS = [...STEPS.filter(step => step !== 'admit'), 'held', 'undo'] as const;
export type Point = Exclude<StepName, 'admit'> | 'held' | 'undo';

/** Whether at that point the freeze has not begun: what is found then is refused, and nothing was touched. */
export const isBeforeFreeze = (point: Point): boolean => ['stage', 'approve', 'recheck'].includes(point);

/** Holds every call to the engine once the run has come to the point, lays the hand, and lets the calls go. */
export async function layAt(
  { stand, tap, run }: { readonly stand: Ground; readonly tap: EngineTap; readonly run: string },
  point: Exclude<Point, 'approve' | 'held'>,
  lay: () => Promise<void>,
): Promise<void> {
  await Promise.race([tap.hold('unheard', () => isAt(stand, run, point)), neverThere(stand, run, point)]);
  try {
    await lay();
  } finally {
    tap.release();
  }
}

/** @throws Error once the run is over, with its headline */
async function neverThere({ at, platform }: Ground, run: string, point: Point): Promise<never> {
  const { report } = await finished(at.client.workflow.getHandle<typeof rollback>(rollbackId(platform), run));
  throw new Error(`the run was over before it was at ${point}: ${report.headline}`);
}

function isAt(stand: Ground, run: string, point: Point): boolean {
  const began = journalNow(stand, run).findLast(({ fact }) => fact.type === 'event' && fact.what === 'step-began');
  if (began?.fact.type !== 'event') return false;
  const { step, direction } = began.fact.facts as { step: StepName; direction: string };
  return point === 'undo' ? direction === 'undo' && step === 'swap-in' : direction === 'forward' && step === point;
}
