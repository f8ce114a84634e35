import type { JournalEntry, JournalFact, Key } from '../../src/executor/contract.ts';
import { nextEntry } from '../../src/executor/journal-line.ts';
import type { EngineId, PlatformName, RunId } from '../../src/plan/ids.ts';
import type { Direction, StepName } from '../../src/run/step.ts';
import type { RunEvidence, TargetEvidence } from './evidence.ts';
import { timelineOf } from './timeline.ts';

/** A small run that kept every promise, with all the evidence there is: what each planted breach is planted in. */
export const RUN = 'run-1' as RunId;
export const OTHER = 'run-2' as RunId;
const PLATFORM = 'n3xus' as PlatformName;
const HASH = 'ab'.repeat(32);
export const CANARY = 'canary/5f3c9a71+do-not-print';

export const time = (second: number): string => new Date(Date.UTC(2026, 0, 1, 3, 0, second)).toISOString();

export const key = (step: StepName, target: string, direction: Direction = 'forward', run = RUN): Key => ({
  run,
  step,
  direction,
  round: 1,
  target,
});

export const intent = (of: Key, effect: string, turn: number, effectRound = 1): JournalFact => ({
  type: 'intent',
  key: of,
  effect,
  effectRound,
  fence: { turn, attempt: 1 },
});
export const done = (of: Key, effect: string, effectRound = 1): JournalFact => ({
  type: 'done',
  key: of,
  effect,
  effectRound,
  by: 'act',
});
const act = (of: Key, effect: string, turn: number): JournalFact[] => [
  { type: 'order', key: of, fence: { turn, attempt: 1 } },
  intent(of, effect, turn),
  done(of, effect),
];
export const judged = (event: number, direction: Direction, verdict: string): JournalFact => ({
  type: 'event',
  event,
  at: time(event),
  what: 'step-ended',
  facts: {
    type: 'step-ended',
    step: 'judge-inside',
    direction,
    round: 1,
    result: { verdict, reason: 'as expected', targets: [{ target: 'ledger', verdict, note: '' }] },
  },
});

/** One entry a second. */
export function chain(facts: readonly JournalFact[]): JournalEntry[] {
  const entries: JournalEntry[] = [];
  for (const [second, fact] of facts.entries()) entries.push(nextEntry(entries.at(-1), fact, new Date(time(second))));
  return entries;
}

export const opened: JournalFact = {
  type: 'opened',
  platform: PLATFORM,
  run: RUN,
  engine: 'E' as EngineId,
  hash: HASH,
};

export const FACTS: readonly JournalFact[] = [
  opened,
  ...act(key('stage', 'ledger'), 'create', 1),
  ...act(key('shut-gates', 'ingress'), 'stop', 2),
  ...act(key('stop-tiers', 'ledger'), 'stop', 3),
  ...act(key('swap-in', 'ledger'), 'rename', 4),
  ...act(key('start-tiers', 'ledger'), 'start', 5),
  judged(1, 'forward', 'passed'),
  ...act(key('open-gates', 'ingress'), 'start', 6),
  { type: 'closed', outcome: 'completed' },
];

const ledger: TargetEvidence = {
  target: 'ledger',
  now: { version: 'sha256:bad', settings: 's2', activity: 'looping' },
  release: { version: 'sha256:good', settings: 's1', activity: 'running' },
  observed: { version: 'sha256:good', settings: 's1', activity: 'running' },
};

export const withFacts = (facts: readonly JournalFact[]): Pick<RunEvidence, 'journals' | 'timeline'> => {
  const entries = chain(facts);
  return { journals: [{ platform: PLATFORM, run: RUN, entries }], timeline: timelineOf(entries) };
};

/** Seconds of the journal above: the gate is shut at 6, the ledger stopped at 9, started at 15, the gate told to open at 18. */
export const COMPLETED: RunEvidence = {
  ...withFacts(FACTS),
  outcome: 'completed',
  approved: [HASH],
  targets: [ledger],
  gates: [{ gate: 'ingress', state: 'open' }],
  recorder: [
    { at: time(9), target: 'ledger', action: 'die' },
    { at: time(15), target: 'ledger', action: 'start', version: 'sha256:good' },
    { at: time(40), target: 'ledger', action: 'destroy', destroys: true },
  ],
  causes: { start: ['start'], die: ['stop'] },
  captures: [{ target: 'ledger', at: time(8), hashed: true, readBack: true }],
  answers: [
    { at: time(1), versions: { ledger: 'sha256:bad' } },
    { at: time(25), versions: { ledger: 'sha256:good' } },
  ],
  writes: [
    { id: 'w1', acknowledgedAt: time(1), present: 1 },
    { id: 'w2', acknowledgedAt: time(2), present: 0 },
    { id: 'w3', acknowledgedAt: time(30), present: 1 },
  ],
  loss: { ceiling: 3, fixed: 1, frozenAt: time(6) },
  texts: [{ name: 'history', text: 'nothing to see' }],
  canaries: [CANARY],
  notifications: [{ id: 'm1', at: time(3), level: 1, title: 'frozen', urgency: 'page' }],
  escalations: [{ level: 1, by: time(10) }],
  claims: [
    { at: time(0), run: RUN, action: 'claimed' },
    { at: time(50), run: RUN, action: 'released' },
  ],
  decisions: ['step-ended'],
};

const asFound: TargetEvidence = { ...ledger, observed: ledger.now };

export const REVERTED: RunEvidence = {
  ...COMPLETED,
  ...withFacts([
    ...FACTS.slice(0, 16),
    judged(1, 'forward', 'failed'),
    ...act(key('start-tiers', 'ledger', 'undo'), 'stop', 6),
    ...act(key('swap-in', 'ledger', 'undo'), 'rename', 7),
    ...act(key('stop-tiers', 'ledger', 'undo'), 'start', 8),
    judged(2, 'undo', 'passed'),
    ...act(key('shut-gates', 'ingress', 'undo'), 'start', 9),
    { type: 'closed', outcome: 'reverted' },
  ]),
  outcome: 'reverted',
  targets: [asFound],
  answers: [],
  recorder: [
    { at: time(9), target: 'ledger', action: 'die' },
    { at: time(15), target: 'ledger', action: 'start', version: 'sha256:good' },
    { at: time(19), target: 'ledger', action: 'die' },
    { at: time(25), target: 'ledger', action: 'start', version: 'sha256:bad' },
  ],
};

export const REFUSED: RunEvidence = {
  ...COMPLETED,
  ...withFacts([...FACTS.slice(0, 4), { type: 'closed', outcome: 'refused' }]),
  outcome: 'refused',
  approved: [],
  targets: [asFound],
  recorder: [],
  answers: [],
  decisions: [],
};

export const HELD: RunEvidence = {
  ...COMPLETED,
  ...withFacts([...FACTS.slice(0, 16), judged(1, 'forward', 'inconclusive')]),
  outcome: 'held',
  handedOverTo: 'Ada Yılmaz',
  targets: [{ ...ledger, observed: { version: 'sha256:good', activity: 'looping' } }],
  gates: [{ gate: 'ingress', state: 'shut' }],
  answers: [],
};
