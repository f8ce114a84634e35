import { CANARY, COMPLETED, done, FACTS, intent, key, OTHER, RUN, time, withFacts } from './clean.ts';
import { inserted, otherRun, type Planted, stop } from './planting.ts';

const [journal] = COMPLETED.journals!;
const tampered = journal!.entries.map(entry => (entry.seq === 4 ? { ...entry, at: time(59) } : entry));

export const PLANTED_IN_RECORD: readonly Planted[] = [
  {
    part: 'I4.journal',
    title: 'an effect done twice',
    evidence: inserted(10, intent(stop, 'stop', 3), done(stop, 'stop')),
  },
  {
    part: 'I4.journal',
    title: 'an act without an intent',
    evidence: { ...COMPLETED, ...withFacts(FACTS.filter((_, index) => index !== 8)) },
  },
  {
    part: 'I4.rounds',
    title: 'a new effect round without evidence',
    evidence: inserted(10, intent(stop, 'stop', 3, 2), done(stop, 'stop', 2)),
  },
  {
    part: 'I4.fence',
    title: 'an act under an older fence',
    evidence: inserted(13, intent(key('stop-tiers', 'wallet'), 'stop', 2)),
  },
  {
    part: 'I4.recorder',
    title: 'the engine saw a start twice',
    evidence: { ...COMPLETED, recorder: [1, 2].map(n => ({ at: time(14 + n), target: 'ledger', action: 'start' })) },
  },
  { part: 'I5.acts', title: 'two runs acting at once', evidence: { ...COMPLETED, run: RUN, journals: otherRun(8)! } },
  {
    part: 'I5.own-journal',
    title: 'an act of one run in the journal of another',
    evidence: inserted(10, intent(key('stop-tiers', 'wallet', 'forward', OTHER), 'stop', 3)),
  },
  {
    part: 'I5.claims',
    title: 'a claim taken over another',
    evidence: {
      ...COMPLETED,
      claims: [...COMPLETED.claims!.slice(0, 1), { at: time(9), run: OTHER, action: 'claimed' }],
    },
  },
  {
    part: 'I5.claims',
    title: 'acts before the claim',
    evidence: { ...COMPLETED, claims: [{ at: time(9), run: RUN, action: 'claimed' }] },
  },
  {
    part: 'I5.claims',
    title: 'acts after the claim was given back',
    evidence: { ...COMPLETED, claims: [COMPLETED.claims![0]!, { at: time(9), run: RUN, action: 'released' }] },
  },
  { part: 'I6.hash', title: 'ran what nobody approved', evidence: { ...COMPLETED, approved: [] } },
  {
    part: 'I6.hash',
    title: 'ran another hash than the approved',
    evidence: { ...COMPLETED, approved: ['cd'.repeat(32)] },
  },
  {
    part: 'I6.digests',
    title: 'started an image that was never recorded',
    evidence: {
      ...COMPLETED,
      recorder: [{ at: time(15), target: 'ledger', action: 'start', version: 'sha256:third' }],
    },
  },
  {
    part: 'I6.digests',
    title: 'started what is no target',
    evidence: {
      ...COMPLETED,
      recorder: [{ at: time(15), target: 'stranger', action: 'start', version: 'sha256:good' }],
    },
  },
  {
    part: 'I7.chain',
    title: 'an entry rewritten',
    evidence: { ...COMPLETED, journals: [{ ...journal!, entries: tampered }] },
  },
  {
    part: 'I7.chain',
    title: 'the end cut off',
    evidence: {
      ...COMPLETED,
      journals: [{ ...journal!, entries: journal!.entries.slice(0, -1), head: journal!.entries.at(-1)!.hash }],
    },
  },
  {
    part: 'I7.effects',
    title: 'an action of the engine with no intent',
    evidence: { ...COMPLETED, recorder: [{ at: time(15), target: 'wallet', action: 'start' }] },
  },
  {
    part: 'I7.effects',
    title: 'an action before its intent',
    evidence: { ...COMPLETED, recorder: [{ at: time(2), target: 'ledger', action: 'die' }] },
  },
  {
    part: 'I7.decisions',
    title: 'a decision that is not on record',
    evidence: { ...COMPLETED, decisions: ['answered'] },
  },
  {
    part: 'I7.closed',
    title: 'the journal says otherwise',
    evidence: { ...COMPLETED, ...withFacts([...FACTS.slice(0, -1), { type: 'closed', outcome: 'reverted' }]) },
  },
  {
    part: 'I7.closed',
    title: 'the journal is not closed',
    evidence: { ...COMPLETED, ...withFacts(FACTS.slice(0, -1)) },
  },
  {
    part: 'I7.secrets',
    title: 'a secret in a log',
    evidence: { ...COMPLETED, texts: [{ name: 'log', text: `password=${CANARY};` }] },
  },
  ...['', 'x', 'xy'].map(
    (before): Planted => ({
      part: 'I7.secrets',
      title: `a secret in a payload, ${before.length} bytes in`,
      evidence: {
        ...COMPLETED,
        texts: [{ name: 'history', text: Buffer.from(`${before}${CANARY}!`).toString('base64') }],
      },
    }),
  ),
  { part: 'I7.delivered', title: 'nobody told', evidence: { ...COMPLETED, notifications: [] } },
  {
    part: 'I7.delivered',
    title: 'told too late',
    evidence: { ...COMPLETED, escalations: [{ level: 1, by: time(2) }] },
  },
];

/** Looks like a breach, and is none. */
