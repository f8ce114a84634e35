import type { JournalFact } from '../../src/executor/contract.ts';
import { COMPLETED, chain, done, FACTS, intent, judged, key, OTHER, withFacts } from './clean.ts';
import type { RunEvidence } from './evidence.ts';
import type { PartName } from './part.ts';

export interface Planted {
  readonly part: PartName;
  /** What went wrong, as a claim of the evidence. */
  readonly title: string;
  readonly evidence: RunEvidence;
}

export const instead = (index: number, ...facts: readonly JournalFact[]): RunEvidence => ({
  ...COMPLETED,
  ...withFacts([...FACTS.slice(0, index), ...facts, ...FACTS.slice(index + 1)]),
});
/** Before the entry of that index. */
export const inserted = (index: number, ...facts: readonly JournalFact[]): RunEvidence => ({
  ...COMPLETED,
  ...withFacts([...FACTS.slice(0, index), ...facts, ...FACTS.slice(index)]),
});
export const stop = key('stop-tiers', 'ledger');
export const otherRun = (from: number): RunEvidence['journals'] => [
  ...COMPLETED.journals!,
  {
    platform: 'n3xus',
    run: OTHER,
    entries: chain([
      ...Array.from({ length: from }, (_, n) => judged(n, 'forward', 'failed')),
      intent(key('stop-tiers', 'wallet', 'forward', OTHER), 'stop', 1),
      done(key('stop-tiers', 'wallet', 'forward', OTHER), 'stop'),
    ]),
  },
];
