import type { RollbackRequest } from '../../plan/rollback-request.ts';
import type { RunOutline } from '../../plan/run-plan.ts';
import type { StepResult } from '../../run/step.ts';
import type { Reached } from '../connection.ts';
import { Refusal } from '../refusal.ts';
import { loadRuns } from './session.ts';

/** What a run would do, by a survey of the live platform. @throws Refusal refused when admission would refuse it | unreachable when the engine does not answer */
export async function lookAhead(
  at: Reached,
  request: RollbackRequest,
): Promise<{ readonly outline: RunOutline; readonly result: StepResult }> {
  const { survey } = await loadRuns();
  const seen = await survey(at, { what: 'plan', request });
  if (seen.what !== 'plan') throw new Error(`a survey of what: plan answered with ${seen.what}`);
  const { admission } = seen;
  if (admission.verdict === 'passed') return { outline: admission.outline, result: admission.result };
  const { reason, next, targets, cause } = admission.result;
  const notes = targets.filter(target => target.verdict !== 'passed').map(target => `${target.target}: ${target.note}`);
  throw new Refusal(cause === 'unavailable' ? 'unreachable' : 'refused', reason, {
    next: [...notes, ...(next === undefined ? [] : [next])],
  });
}
