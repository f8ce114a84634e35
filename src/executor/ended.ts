import type { JournalEntry } from './contract.ts';

/** Nothing of the run is left to end. One that was held and handed over is over only once another run took it over to its end. */
export const isEnded = (entries: readonly JournalEntry[]): boolean =>
  entries.some(({ fact }) => fact.type === 'ended' || (fact.type === 'closed' && fact.outcome !== 'held'));
