import { condition } from '@temporalio/workflow';
import { judgeApproval } from '../../policy/approval.ts';
import type { Awaiting } from '../../run/events.ts';
import { passed, type StepResult, stoppedBy } from '../../run/step.ts';
import type { Run } from '../run.ts';
import { say, sayingOf } from '../tell.ts';

/** Waits for the approvals that the severity demands. Those that came since admit count; silence has a stated outcome. */
export async function awaitApprovals(run: Run): Promise<StepResult> {
  const { approval: rule, hash, escalation } = run.outline!;
  // The first level was asked at admit.
  for (let level = 1; ; ) {
    const verdict = judgeApproval({
      rule,
      hash,
      requester: run.request.requester,
      votes: run.votes,
      askedAt: run.askedAt,
      now: Date.now(),
    });
    switch (verdict.verdict) {
      case 'approved':
        return passed(verdict.reason);
      case 'denied':
        return stoppedBy('denied', verdict.reason);
      case 'expired': {
        const next = escalation[level];
        if (rule.silence === 'refuse' || next === undefined) return stoppedBy('expired', `expired: ${verdict.reason}`);
        level += 1;
        run.askedAt = Date.now();
        const saying = sayingOf(run, 'still-awaiting', verdict.reason, next);
        run.aside(() => say(run, next.tell, saying));
        break;
      }
      case 'waiting': {
        const heard = run.votes.length;
        run.note({ type: 'awaiting', awaiting: awaitingOf(run, verdict.missing, verdict.until) });
        await condition(
          () => run.votes.length > heard || run.stopped !== undefined,
          Math.max(1, verdict.until - Date.now()),
          {
            summary: `${verdict.missing} approvals`,
          },
        );
        if (run.stopped !== undefined) return run.stopped;
      }
    }
  }
}

export function awaitingOf(run: Run, missing: number, until: number): Awaiting {
  const { approval: rule, hash } = run.outline!;
  return {
    what: `${missing} of ${rule.approvals} approvals of run hash ${hash.slice(0, 12)}`,
    whom: rule.by,
    until: new Date(until).toISOString(),
    silence:
      rule.silence === 'refuse'
        ? 'silence refuses the run, nothing is touched'
        : 'silence asks the next level, and refuses when there is none',
    how: [
      `lastgood confirm ${run.request.platform} --hash ${hash.slice(0, 12)}`,
      `lastgood deny ${run.request.platform} --reason "why"`,
    ],
  };
}
