import { formatDuration } from '../plan/duration.ts';
import type { Run } from './run.ts';
import { tell } from './tell.ts';

/**
 * Milliseconds until people must hear that the run is past its total; undefined when nothing is left to be heard, or no
 * plan was read. What counts is the time in steps: not what it waits for people, nor what it is paused or held.
 */
export function leftOfTotal(run: Run): number | undefined {
  const limit = limitsOf(run)[run.totalsPassed];
  return limit === undefined ? undefined : limit - spentOf(run);
}

/** Tells people once of the target and once of the maximum, as they are passed. It ends nothing: each phase has its own maximum. */
export function tellPastTotal(run: Run): void {
  const passed = limitsOf(run).filter(limit => limit <= spentOf(run)).length;
  if (passed <= run.totalsPassed) return;
  run.totalsPassed = passed;
  const [target = 0, max = 0] = limitsOf(run);
  run.note({ type: 'past-total', target, max, isMaximum: passed > 1 });
  const reason =
    passed > 1
      ? `the run is past its maximum of ${formatDuration(max)}; no step is cut off by it`
      : `${formatDuration(target)} planned for the whole run and gone, ${formatDuration(max)} at most`;
  tell(run, 'past-total', reason);
}

const limitsOf = ({ outline }: Run): readonly number[] =>
  outline === undefined ? [] : [outline.budgets.total.target, outline.budgets.total.max];

const spentOf = (run: Run): number =>
  run.spentInSteps + (run.actingSince === undefined ? 0 : Date.now() - run.actingSince);
