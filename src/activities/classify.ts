import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { DriverError } from '../drivers/errors.ts';
import type { TargetNote, Verdict } from '../run/step.ts';

/** Waiting for less than this before the phase's end is not worth another try. */
export const LAST_TRY_MS = 2_500;

/** What one target's failure means: a note for the result, or another try. The only place that decides it. */
export interface Classified {
  readonly note: TargetNote;
  readonly again: boolean;
  readonly notOurs: boolean;
  readonly next?: string;
}

/** The order's records could not be journalled, and nothing was done on their account; its cause says why. */
export class Unwritten extends Error {}

export function classify(target: string, error: unknown, until: number, now: number): Classified {
  if (error instanceof DriverError) {
    const again = error.kind === 'unavailable' && now + LAST_TRY_MS < until;
    return {
      note: { target, verdict: verdictOf(error), note: error.message },
      again,
      notOurs: error.notOurs,
      ...(error.next === undefined ? {} : { next: error.next }),
    };
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    note: { target, verdict: 'failed', note: `an error of lastgood itself: ${message}` },
    again: false,
    notOurs: false,
  };
}

export const verdictOf = (error: DriverError): Verdict =>
  error.foreign ? 'foreign' : error.kind === 'unavailable' ? 'inconclusive' : 'failed';

/** Asks Temporal for another try of the same attempt's work: what is done is read back, not done again. */
export const tryAgain = (reason: string): ApplicationFailure =>
  ApplicationFailure.create({ type: 'unavailable', message: reason.slice(0, 1_500), nonRetryable: false });

export const cancelled = (): CancelledFailure => new CancelledFailure('cancelled: nothing more is changed');
