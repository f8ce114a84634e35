import type { StepName, StepResult } from '../run/step.ts';
import { withinBudget } from './budgets.ts';
import type { Act, Row, Run } from './run.ts';

/** Waits for as long as somebody holds the run back. @returns whether anybody did */
export async function heldBack(run: Run): Promise<boolean> {
  if (run.paused === undefined) return false;
  run.note({ type: 'paused', ...run.paused });
  await run.whilePaused();
  return true;
}

/** One row of the runbook: registers the undo, acts within the budget. Never throws. */
export async function attempt(run: Run, [step, act, undo]: Row): Promise<StepResult> {
  if (run.stopped !== undefined) return run.stopped;
  // A step that is tried again has its undo registered already.
  if (undo !== undefined && !run.undos.some(one => one.step === step)) run.undos.push({ step, takeBack: undo });
  return inStep(run, step, 'forward', act);
}

/** Notes the beginning and the end of a step, whichever way it goes. */
export async function inStep(run: Run, step: StepName, direction: 'forward' | 'undo', act: Act): Promise<StepResult> {
  const round = run.currentRound;
  run.note({ type: 'step-began', step, direction, round });
  run.index();
  const result = await withinBudget(run, step, direction, () => act(run));
  run.note({ type: 'step-ended', step, direction, round, result });
  run.seenAt = result.seenAt ?? run.seenAt;
  run.letIn ||= result.letIn === true;
  return result;
}
