import type { JournalEntry, JournalFact } from '../executor/contract.ts';
import type { StepName } from '../run/step.ts';

type Opened = Extract<JournalFact, { type: 'opened' }>;

/** Whose run, and of which hash. Undefined for a run that was never admitted, as one that Temporal reset. */
export function openedIn(entries: readonly JournalEntry[]): Opened | undefined {
  const fact = entries.find(entry => entry.fact.type === 'opened')?.fact;
  return fact?.type === 'opened' ? fact : undefined;
}

/**
 * Whether anything was done in that step, such as a gate told to open. Said before it is done, so that a death in between counts.
 * @param since ISO 8601; absent: ever
 */
export const hasActed = (entries: readonly JournalEntry[], step: StepName, since = ''): boolean =>
  entries.some(
    ({ at, fact }) => at > since && fact.type === 'order' && fact.key.step === step && fact.key.direction === 'forward',
  );

/** A take-over that was let: what it took over is its own to end from there on. */
export const hasTakenOver = (entries: readonly JournalEntry[]): boolean =>
  entries.some(({ fact }) => fact.type === 'event' && fact.what === 'taken-over');
