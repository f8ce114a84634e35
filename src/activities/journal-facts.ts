import type { JournalEntry, JournalFact } from '../executor/contract.ts';

type Opened = Extract<JournalFact, { type: 'opened' }>;

/** Whose run, and of which hash. Undefined for a run that was never admitted, as one that Temporal reset. */
export function openedIn(entries: readonly JournalEntry[]): Opened | undefined {
  const fact = entries.find(entry => entry.fact.type === 'opened')?.fact;
  return fact?.type === 'opened' ? fact : undefined;
}

/** Whether any gate was told to open to the release. Said before it is done, so that a death in between counts. */
export const wasToldToOpen = (entries: readonly JournalEntry[]): boolean =>
  entries.some(
    ({ fact }) => fact.type === 'order' && fact.key.step === 'open-gates' && fact.key.direction === 'forward',
  );

/** A take-over that was let: what it took over is its own to end from there on. */
export const hasTakenOver = (entries: readonly JournalEntry[]): boolean =>
  entries.some(({ fact }) => fact.type === 'event' && fact.what === 'taken-over');
