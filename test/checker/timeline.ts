import type { JournalEntry } from '../../src/executor/contract.ts';
import type { Moment } from './evidence.ts';
import { VERDICTS, type Verdict } from './verdicts.ts';

/** Steps whose effects change what verification looks at. */
const CHANGING = new Set(['stop-tiers', 'swap-in', 'start-tiers']);

/**
 * When gates were shut and told to open, what was verified in between and what was changed, in the journal's order.
 * An opening counts from its first intent, a shutting from its read-back: the widest time that traffic may have had.
 */
export function timelineOf(entries: readonly JournalEntry[]): readonly Moment[] {
  const seen = new Set<string>();
  return entries.flatMap(({ at, fact }): Moment[] => {
    if (fact.type === 'event') return fact.what === 'step-ended' ? verified(at, fact.facts) : [];
    if (fact.type !== 'intent' && fact.type !== 'done') return [];
    const { step, direction, target } = fact.key;
    const opens = (step === 'open-gates' && direction === 'forward') || (step === 'shut-gates' && direction === 'undo');
    if (opens) {
      const opening = `${step} ${direction} ${fact.key.round} ${target}`;
      if (seen.has(opening)) return [];
      seen.add(opening);
      return [{ at, what: 'gate-open', gate: target, to: direction === 'forward' ? 'release' : 'found' }];
    }
    // Setting its restart policy aside shuts nothing yet.
    if (step === 'shut-gates' && fact.type === 'done')
      return fact.effect.includes('policy') ? [] : [{ at, what: 'gate-shut', gate: target }];
    return fact.type === 'intent' && CHANGING.has(step) ? [{ at, what: 'changed', target }] : [];
  });
}

/** `facts` is a run's event `step-ended`. What cannot be read was no verification that passed. */
function verified(at: string, facts: unknown): Moment[] {
  const { step, direction, result } = (facts ?? {}) as {
    step?: unknown;
    direction?: unknown;
    result?: { verdict?: unknown; targets?: readonly { verdict?: unknown }[] };
  };
  if (step !== 'judge-inside') return [];
  const of = direction === 'undo' ? 'found' : 'release';
  const probes = result?.targets?.map(({ verdict }) => readVerdict(verdict));
  // A revert is measured against what was found, of which there may be nothing but gates; a release is asked something.
  const asked = of === 'release' || probes?.length ? { probes: probes ?? [] } : {};
  return [{ at, what: 'verified', of, verdict: readVerdict(result?.verdict), ...asked }];
}

const readVerdict = (value: unknown): Verdict => VERDICTS.find(verdict => verdict === value) ?? 'inconclusive';
