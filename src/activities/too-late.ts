import { isStale } from '../policy/stale.ts';
import type { StepResult } from '../run/step.ts';
import { hasActed } from './journal-facts.ts';
import { journalOfObjects, type Session } from './session.ts';

/**
 * Of a step that rests on a look, before it acts: what it says when that look is of long ago, for its worker or its host
 * was away since. What an attempt began after that look is ended all the same: half of it is worse.
 */
export async function tooLate(s: Session): Promise<StepResult | undefined> {
  const { step, seenAt = '' } = s.order;
  const now = s.deps.now();
  if (!isStale(s.order.seenAt, now.getTime())) return undefined;
  const journals = [s.journal, await journalOfObjects(s)];
  if (journals.some(journal => hasActed(journal.entries(), step, seenAt))) return undefined;
  return {
    verdict: 'inconclusive',
    reason: `what ${step} rests on was seen at ${seenAt}, and it is ${now.toISOString()}: it may be otherwise by now; nothing was done in this step`,
    next: `see that the worker of host ${s.order.host} stays up and its clock is steady`,
    targets: [],
    stale: true,
  };
}
