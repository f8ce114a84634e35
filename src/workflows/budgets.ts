import { CancellationScope, condition } from '@temporalio/workflow';
import { formatDuration } from '../plan/duration.ts';
import { type Direction, failed, type StepName, type StepResult } from '../run/step.ts';
import type { Run } from './run.ts';
import { tell } from './tell.ts';
import { leftOfTotal, tellPastTotal } from './total.ts';

/** A timer that is heard later than this was due while no worker was there. */
const ABSENCE_MS = 3_000;

/**
 * Runs one act within its budget. Past the target people hear of it. Past the maximum, or when the run is
 * aborted or denied, the act is cancelled, its attempt is waited for until it has settled, and a new round begins.
 * Never throws.
 */
export async function withinBudget(
  run: Run,
  step: StepName,
  direction: Direction,
  act: () => Promise<StepResult>,
): Promise<StepResult> {
  const budget = run.budgetOf(step, direction);
  if (budget === undefined) return settled(act);

  run.actingSince = Date.now();
  run.deadline = run.actingSince + budget.max;
  const scope = new CancellationScope();
  let result: StepResult | undefined;
  const acting = scope
    .run(() => settled(act))
    .then(value => {
      result = value;
    });
  const interrupted = (): StepResult | undefined => (direction === 'forward' ? run.stopped : undefined);
  const over = (): boolean => result !== undefined || interrupted() !== undefined;

  const target = { over, ms: budget.target, grace: budget.target, summary: `target of ${step}` };
  if (!(await due(run, target))) {
    run.note({ type: 'past-target', step, direction, target: budget.target, max: budget.max });
    tell(run, 'past-target');
    run.deadline = Date.now() + budget.max - budget.target;
    const maximum = { ...target, ms: budget.max - budget.target, summary: `maximum of ${step}` };
    await due(run, maximum, late => {
      run.deadline = late;
    });
  }
  if (result === undefined) {
    scope.cancel();
    await acting;
    run.beginRound();
  }
  run.spentInSteps += Date.now() - run.actingSince;
  run.actingSince = undefined;
  tellPastTotal(run);
  const end = result ?? failed(`${step} settled without a result`);
  if (end.verdict === 'passed') return end;
  const why = interrupted();
  if (why !== undefined) return { ...end, ...why, verdict: end.verdict, targets: end.targets };
  if (Date.now() < run.deadline) return end;
  return { ...end, reason: `${step} is past its maximum of ${formatDuration(budget.max)}: ${end.reason}` };
}

/** A time that is given to an act, in milliseconds. */
interface Given {
  readonly over: () => boolean;
  readonly ms: number;
  /** Given once more when no worker was there to hear that it was up. */
  readonly grace: number;
  readonly summary: string;
}

/** Waits for `over`. When the timer was only heard long after it was due (no worker was there), once more for `grace`. */
async function due(
  run: Run,
  { over, ms, grace, summary }: Given,
  extend: (deadline: number) => void = () => undefined,
): Promise<boolean> {
  const at = Date.now() + ms;
  if (await waited(run, over, ms, summary)) return true;
  if (Date.now() - at <= ABSENCE_MS) return false;
  extend(Date.now() + grace);
  return condition(over, Math.max(1, grace), { summary: `${summary}, after an absence` });
}

/** As `condition`; where the run's total is up meanwhile, people hear of it, and the wait goes on. Else no timer more is set. */
async function waited(run: Run, over: () => boolean, ms: number, summary: string): Promise<boolean> {
  for (let left = ms; ; ) {
    const total = leftOfTotal(run);
    if (total === undefined || total >= left) return condition(over, Math.max(1, left), { summary });
    const began = Date.now();
    if (await condition(over, Math.max(1, total), { summary: 'total of the run' })) return true;
    tellPastTotal(run);
    left -= Date.now() - began;
  }
}

async function settled(act: () => Promise<StepResult>): Promise<StepResult> {
  try {
    return await act();
  } catch (error) {
    return failed(`stopped by an error of lastgood itself: ${error instanceof Error ? error.message : String(error)}`);
  }
}
