import { seconds } from '../../plan/duration.ts';
import type { OnFailure } from '../../plan/plan.ts';
import type { StepResult } from '../../run/step.ts';
import type { Run } from '../run.ts';
import { engine, office, send, UNANSWERED } from '../send.ts';
import { tell } from '../tell.ts';
import { awaitingOf } from './confirm.ts';

/** Before a plan is read nothing can have been touched, so nothing is asked. */
export const NO_PLAN_YET: OnFailure = {
  beforeRestore: 'revert',
  afterRestore: 'ask',
  silence: 'stay',
  within: seconds(0),
};

/** Reads the plan, observes the live state, chooses the release, claims the platform. Approvals are asked for from here on. */
export async function admit(run: Run): Promise<StepResult> {
  const opened = await office('read the plan').openPlan(run.request.platform);
  if (opened.verdict === 'failed') return opened.result;
  run.host = opened.host;
  run.heartbeat = opened.heartbeat;
  const sent = {
    request: run.request,
    host: run.host,
    turn: run.nextTurn(),
    until: Math.min(run.deadline, Date.now() + UNANSWERED),
    survey: false,
    records: [],
  };
  const admission = await send(
    run,
    sent,
    () => engine(run, `admit ${run.request.platform}`).admit(sent),
    result => ({ verdict: 'failed' as const, result }),
  );
  if (admission.verdict === 'failed') {
    run.people = admission.people ?? [];
    return admission.result;
  }
  run.admitAs(admission.outline, admission.by);
  if (admission.outline.approval.approvals > 0) {
    run.note({
      type: 'awaiting',
      awaiting: awaitingOf(run, admission.outline.approval.approvals, run.askedAt + admission.outline.approval.within),
    });
  }
  tell(run, 'awaiting');
  return admission.result;
}
