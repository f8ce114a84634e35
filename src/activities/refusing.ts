import { Context } from '@temporalio/activity';
import { DriverError } from '../drivers/errors.ts';
import { failed, type StepResult } from '../run/step.ts';
import { cancelled, classify, tryAgain } from './classify.ts';

/** For an activity that is one piece: its failure becomes an answer, unless another try may do. */
export async function refusing<R>(
  until: number,
  work: () => Promise<R>,
  refused: (result: StepResult) => R,
): Promise<R> {
  try {
    return await work();
  } catch (error) {
    if (Context.current().cancellationSignal.aborted) throw cancelled();
    const { note, again, next, notOurs } = classify('', error, until, Date.now());
    if (again) throw tryAgain(note.note);
    const result = failed(note.note, next);
    return refused({
      ...result,
      verdict: error instanceof DriverError && error.kind === 'unavailable' ? 'inconclusive' : 'failed',
      ...(notOurs ? { notOurs: true } : {}),
    });
  }
}
