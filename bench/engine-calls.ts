import type { JournalEntry, JournalFact } from '../src/executor/contract.ts';
import { STEPS } from '../src/run/step.ts';

/** All calls of one kind in one step, by the journal. Milliseconds. */
export interface CallsOfKind {
  readonly step: string;
  /** `stop`, `rename-outgoing`, as the drivers name their effects. */
  readonly effect: string;
  readonly calls: number;
  /** From the first intent to the last result: they run side by side. */
  readonly span: number;
  readonly median: number;
  readonly longest: number;
  /** Whose was the longest. */
  readonly target: string;
}

type Ends = Extract<JournalFact, { type: 'done' | 'failed' }>;

/**
 * What each kind of call cost: from its intent on disk to its result read back. What was found done already cost no
 * call. In the runbook's order, forward only.
 */
export function callsOf(entries: readonly JournalEntry[]): CallsOfKind[] {
  const begun = new Map<string, number>();
  const spans = new Map<string, { from: number; to: number; target: string }[]>();
  for (const { at, fact } of entries) {
    if (fact.type !== 'intent' && fact.type !== 'done' && fact.type !== 'failed') continue;
    if (fact.key.direction !== 'forward') continue;
    const id = idOf(fact);
    if (fact.type === 'intent') begun.set(id, Date.parse(at));
    const from = fact.type === 'intent' ? undefined : begun.get(id);
    if (from === undefined) continue;
    begun.delete(id);
    const kind = `${fact.key.step} ${fact.effect}`;
    spans.set(kind, [...(spans.get(kind) ?? []), { from, to: Date.parse(at), target: fact.key.target }]);
  }
  const order = (step: string): number => (STEPS as readonly string[]).indexOf(step);
  return [...spans].map(([kind, all]) => summed(kind, all)).sort((a, b) => order(a.step) - order(b.step));
}

function summed(kind: string, all: readonly { from: number; to: number; target: string }[]): CallsOfKind {
  const [step = '', effect = ''] = kind.split(' ');
  const sorted = all.toSorted((a, b) => a.to - a.from - (b.to - b.from));
  const longest = sorted.at(-1)!;
  const middle = sorted[sorted.length >> 1]!;
  return {
    step,
    effect,
    calls: all.length,
    span: Math.max(...all.map(({ to }) => to)) - Math.min(...all.map(({ from }) => from)),
    median: middle.to - middle.from,
    longest: longest.to - longest.from,
    target: longest.target,
  };
}

const idOf = ({ key, effect, effectRound }: Ends | Extract<JournalFact, { type: 'intent' }>): string =>
  JSON.stringify([key, effect, effectRound]);
