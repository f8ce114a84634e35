import { CancellationScope, condition } from '@temporalio/workflow';
import { formatDuration } from '../plan/duration.ts';
import { type Direction, failed, type StepName, type StepResult } from '../run/step.ts';
import type { Run } from './run.ts';
import { tell } from './tell.ts';

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

  run.deadline = Date.now() + budget.max;
  const scope = new CancellationScope();
  let result: StepResult | undefined;
  const acting = scope
    .run(() => settled(act))
    .then(value => {
      result = value;
    });
  const interrupted = (): StepResult | undefined => (direction === 'forward' ? run.stopped : undefined);
  const over = (): boolean => result !== undefined || interrupted() !== undefined;

  if (!(await due(over, budget.target, budget.target, `target of ${step}`))) {
    run.note({ type: 'past-target', step, direction, target: budget.target, max: budget.max });
    tell(run, 'past-target');
    run.deadline = Date.now() + budget.max - budget.target;
    await due(over, budget.max - budget.target, budget.target, `maximum of ${step}`, late => {
      run.deadline = late;
    });
  }
  if (result === undefined) {
    scope.cancel();
    await acting;
    run.beginRound();
  }
  const end = result ?? failed(`${step} settled without a result`);
  if (end.verdict === 'passed') return end;
  const why = interrupted();
  if (why !== undefined) return { ...end, ...why, verdict: end.verdict, targets: end.targets };
  if (Date.now() < run.deadline) return end;
  return { ...end, reason: `${step} is past its maximum of ${formatDuration(budget.max)}: ${end.reason}` };
}

/** Waits for `over`. When the timer was only heard long after it was due (no worker was there), once more for `grace`. */
async function due(
  over: () => boolean,
  ms: number,
  grace: number,
  summary: string,
  extend: (deadline: number) => void = () => undefined,
): Promise<boolean> {
  const at = Date.now() + ms;
  if (await condition(over, Math.max(1, ms), { summary })) return true;
  if (Date.now() - at <= ABSENCE_MS) return false;
  extend(Date.now() + grace);
  return condition(over, Math.max(1, grace), { summary: `${summary}, after an absence` });
}

async function settled(act: () => Promise<StepResult>): Promise<StepResult> {
  try {
    return await act();
  } catch (error) {
    return failed(`stopped by an error of lastgood itself: ${error instanceof Error ? error.message : String(error)}`);
  }
}
