import type { JournalEntry, JournalFact } from '../../src/executor/contract.ts';
import type { JournalEvidence, RunEvidence } from './evidence.ts';

export type PartName = `I${1 | 2 | 3 | 4 | 5 | 6 | 7}.${string}`;

/** One thing that a promise says. `check` returns what breaks it, one sentence each; empty when it is kept. */
export interface Part {
  readonly name: PartName;
  check(evidence: RunEvidence): readonly string[] | 'unchecked';
}

/** The journal of the run that is judged. */
export function ownJournal({ journals, run }: RunEvidence): JournalEvidence | undefined {
  if (run === undefined) return journals?.length === 1 ? journals[0] : undefined;
  return journals?.find(journal => journal.run === run);
}

type EffectFact = Extract<JournalFact, { effect: string }>;
export type EffectEntry = JournalEntry & { readonly fact: EffectFact };

export const effectsIn = (entries: readonly JournalEntry[]): readonly EffectEntry[] =>
  entries.filter((entry): entry is EffectEntry => 'effect' in entry.fact);

/** We acted and it took hold: read back after the act, or found by whoever looked after a death or a failure. */
export function tookHold(entries: readonly JournalEntry[]): readonly EffectEntry[] {
  const begun = new Set<string>();
  return effectsIn(entries).filter(({ fact }) => {
    const id = effectId(fact);
    if (fact.type === 'intent') begun.add(id);
    return fact.type === 'done' && (fact.by !== 'found' || begun.has(id));
  });
}

/** Begun by a process that died, and never looked at again: each may have taken hold, once. */
export function leftOpen(entries: readonly JournalEntry[]): readonly EffectEntry[] {
  const open = new Map<string, EffectEntry>();
  for (const entry of effectsIn(entries)) {
    if (entry.fact.type === 'intent') open.set(effectId(entry.fact), entry);
    else open.delete(effectId(entry.fact));
  }
  return [...open.values()];
}

export const effectId = ({ key, effect, effectRound }: EffectFact): string =>
  [key.run, key.step, key.direction, key.round, key.target, effect, effectRound].join(' ');
