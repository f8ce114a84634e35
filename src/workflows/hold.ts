import { condition } from '@temporalio/workflow';
import { type Answer, allowedAnswers } from '../policy/answers.ts';
import type { StepResult } from '../run/step.ts';
import { climb } from './escalate.ts';
import { ensureShut } from './phases/freeze.ts';
import type { Run } from './run.ts';

/**
 * Held is a state of an open run: traffic is shut again, lock and undo are kept, people are paged, and one of them
 * answers. Silence has an outcome only before the line and before any undo began; else the run waits without limit.
 */
export async function hold(run: Run, failure: StepResult): Promise<Answer> {
  const { notShut, why, written } = await ensureShut(run);
  // Often the same cause: an engine that is away fails the step, and cannot say whether its gates are shut.
  const reason = why === '' ? failure.reason : `${failure.reason}; ${why}`;
  // From here on an answer is one to this question, and an acknowledgement is of it: none came before it was put.
  const mine = run.ask();
  run.note({ type: 'held', reason, notShut });

  const silence = silenceOf(run);
  const allowed = allowedAnswers(run.facts());
  run.note({
    type: 'awaiting',
    awaiting: {
      what: `an answer: ${allowed.join(', ')}${written === '' ? '' : ` (${written})`}`,
      whom: ['whoever is on call'],
      ...(silence === undefined ? {} : { until: new Date(Date.now() + silence.within).toISOString() }),
      silence: silence === undefined ? waitsOn(notShut) : 'silence reverts the run',
      how: allowed.map(answer => `lastgood decide ${run.request.platform} ${answer} --reason "why"`),
    },
  });
  run.index();
  // A ladder that still waits for its channel when this is answered must not climb for the next question.
  climb(run, reason, () => run.asks(mine));

  const answered = (): boolean => run.decision !== undefined || run.abortDue;
  if (silence === undefined) await condition(answered);
  else await condition(answered, silence.within, { summary: 'an answer; silence reverts' });
  run.answered();
  const answer = settle(run);
  // What could not be shut then may be by now; what is tried again rests on it.
  if (answer === 'retry' && notShut.length > 0) await ensureShut(run);
  return answer;
}

const waitsOn = (notShut: readonly string[]): string =>
  notShut.length === 0
    ? 'nothing happens: traffic stays shut until somebody answers'
    : `nothing happens, and users may still reach the platform through ${notShut.join(', ')}: shut it by hand`;

function silenceOf(run: Run): { within: number } | undefined {
  const rule = run.outline?.onFailure;
  if (run.hasOpened || run.undoing || rule === undefined || rule.silence === 'stay') return undefined;
  return { within: rule.within };
}

function settle(run: Run): Answer {
  const said = run.decision ?? (run.abortDue ? { decide: 'revert' as const, ...run.aborted! } : undefined);
  const answer = said ?? { decide: 'revert' as const, by: 'nobody', reason: 'silence' };
  run.decision = undefined;
  run.note({ type: 'answered', answer: answer.decide, by: answer.by, reason: answer.reason });
  return answer.decide;
}
