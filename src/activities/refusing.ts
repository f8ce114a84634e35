import { Context } from '@temporalio/activity';
import { TemporalFailure } from '@temporalio/common';
import { DriverError } from '../drivers/errors.ts';
import { failed, type StepResult } from '../run/step.ts';
import { cancelled, classify, LAST_TRY_MS, tryAgain, Unwritten, verdictOf } from './classify.ts';
import type { StepOrder } from './contract.ts';
import type { Deps } from './deps.ts';
import { mustBeAdmitted, openSession, type Session } from './session.ts';

/** For an activity that is one piece: its failure becomes an answer, unless another try may do before `until`. */
export async function refusing<R>(
  until: number | (() => number),
  work: () => Promise<R>,
  refused: (result: StepResult) => R,
): Promise<R> {
  try {
    return await work();
  } catch (thrown) {
    if (Context.current().cancellationSignal.aborted) throw cancelled();
    const error = thrown instanceof Unwritten ? thrown.cause : thrown;
    // Judged already, further in.
    if (error instanceof TemporalFailure) throw error;
    const { note, again, next, notOurs } = classify('', error, typeof until === 'number' ? until : until(), Date.now());
    if (again) throw tryAgain(note.note);
    const result = failed(note.note, next);
    return refused({
      ...result,
      verdict: error instanceof DriverError ? verdictOf(error) : 'failed',
      ...(notOurs ? { notOurs: true } : {}),
      ...(error instanceof DriverError && error.kind === 'unavailable' ? { cause: 'unavailable' } : {}),
      ...(thrown instanceof Unwritten ? { unwritten: true } : {}),
    });
  }
}

/** One step's activity: opens its session and does its work; whatever fails becomes the step's result, unless another try may do. */
export const inSession = (
  deps: Deps,
  sent: StepOrder,
  work: (s: Session) => Promise<StepResult>,
): Promise<StepResult> => {
  const order = inTime(sent);
  return refusing(
    order.until,
    async () => {
      const s = await openSession(deps, order);
      await mustBeAdmitted(s);
      const result = await work(s);
      if (result.verdict !== 'passed' && isLeft()) throw cancelled();
      return result;
    },
    result => result,
  );
};

/** Its worker is told to stop, and nobody else wants it stopped: what did not pass for that says nothing, and is for the next worker to see. */
function isLeft(): boolean {
  const { cancellationSignal, cancellationDetails } = Context.current();
  return cancellationSignal.aborted && cancellationDetails?.cancelRequested !== true;
}

/** An attempt that begins when the phase's time is over was kept waiting by an absence: it gets the time for one answer. */
export function inTime<O extends { readonly until: number; readonly grace: number }>(order: O): O {
  const now = Date.now();
  return now + LAST_TRY_MS < order.until ? order : { ...order, until: now + order.grace };
}
