import type { JournalFact } from '../../src/executor/contract.ts';
import { COMPLETED, done, HELD, intent, key, OTHER, RUN, time } from './clean.ts';
import type { RunEvidence } from './evidence.ts';
import { inserted, instead, otherRun, stop } from './planting.ts';

const gone: JournalFact = { type: 'gone', key: stop, effect: 'stop', effectRound: 1, evidence: 'running again' };

/** Later entries come later than the engine's events of the clean run: they are left out. */
const unseen = (...given: Parameters<typeof inserted>): RunEvidence => ({
  ...inserted(...given),
  recorder: [],
  answers: [],
});

export const INNOCENT: readonly { readonly title: string; readonly evidence: RunEvidence }[] = [
  {
    title: 'a new effect round with its evidence',
    evidence: unseen(10, gone, intent(stop, 'stop', 3, 2), done(stop, 'stop', 2)),
  },
  {
    title: 'an effect that failed and was tried again',
    evidence: unseen(
      9,
      { type: 'failed', key: stop, effect: 'stop', effectRound: 1, kind: 'unavailable', message: 'no answer' },
      intent(stop, 'stop', 3),
    ),
  },
  {
    title: 'an act whose process died, found done by the next',
    evidence: instead(9, { type: 'done', key: stop, effect: 'stop', effectRound: 1, by: 'found' }),
  },
  {
    title: 'an act whose process died, and that nobody looked at again',
    evidence: {
      ...inserted(16, intent(key('start-tiers', 'ledger', 'undo'), 'stop', 5)),
      recorder: [...COMPLETED.recorder!, { at: time(16), target: 'ledger', action: 'die' }],
    },
  },
  {
    title: 'another run that acted afterwards',
    evidence: {
      ...COMPLETED,
      run: RUN,
      journals: otherRun(60)!,
      claims: [...COMPLETED.claims!, { at: time(55), run: OTHER, action: 'claimed' }],
    },
  },
  {
    title: 'held with a gate open, and said so first',
    evidence: {
      ...HELD,
      gates: [{ gate: 'ingress', state: 'open' }],
      notifications: [{ id: 'm1', at: time(3), level: 1, title: 'NOT SHUT: ingress', urgency: 'page' }],
    },
  },
];
