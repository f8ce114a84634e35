import { COMPLETED, FACTS, HELD, intent, judged, key, REFUSED, REVERTED, time, withFacts } from './clean.ts';
import { inserted, instead, type Planted } from './planting.ts';

const [ledger] = COMPLETED.targets!;

export const PLANTED_IN_PLATFORM: readonly Planted[] = [
  { part: 'I1.outcome', title: 'the run never closed', evidence: { ...COMPLETED, outcome: 'open' } },
  {
    part: 'I1.targets',
    title: 'completed with one target still at the bad release',
    evidence: { ...COMPLETED, targets: [{ ...ledger!, observed: ledger!.now }] },
  },
  {
    part: 'I1.targets',
    title: 'completed with a setting left over',
    evidence: { ...COMPLETED, targets: [{ ...ledger!, observed: { ...ledger!.release, settings: 's2' } }] },
  },
  {
    part: 'I1.targets',
    title: 'completed with a target that nobody could look at',
    evidence: { ...COMPLETED, targets: [{ target: 'ledger', now: ledger!.now, release: ledger!.release }] },
  },
  { part: 'I1.targets', title: 'reverted to the release', evidence: { ...REVERTED, targets: COMPLETED.targets! } },
  {
    part: 'I1.targets',
    title: 'refused with a target stopped',
    evidence: { ...REFUSED, targets: [{ ...ledger!, observed: { ...ledger!.now, activity: 'exited' } }] },
  },
  {
    part: 'I1.gates',
    title: 'completed with a gate shut',
    evidence: { ...COMPLETED, gates: [{ gate: 'ingress', state: 'shut' }] },
  },
  {
    part: 'I1.gates',
    title: 'held with a gate open',
    evidence: { ...HELD, gates: [{ gate: 'ingress', state: 'open' }] },
  },
  {
    part: 'I1.gates',
    title: 'held with a gate that nobody could see',
    evidence: { ...HELD, gates: [{ gate: 'ingress', state: 'unknown' }] },
  },
  {
    part: 'I1.gates',
    title: 'reverted and opened, where it was to stay shut',
    evidence: { ...REVERTED, afterRevert: 'stay-shut' },
  },
  {
    part: 'I1.untouched',
    title: 'refused after a service was stopped',
    evidence: { ...REFUSED, ...withFacts(FACTS.slice(0, 10)) },
  },
  { part: 'I1.handed-over', title: 'held and nobody named', evidence: { ...HELD, handedOverTo: '' } },
  { part: 'I1.handed-over', title: 'held and nobody paged', evidence: { ...HELD, notifications: [] } },
  {
    part: 'I1.traffic',
    title: 'an answer of two releases',
    evidence: {
      ...COMPLETED,
      served: { now: { a: '2', b: '2' }, release: { a: '1', b: '1' } },
      answers: [{ at: time(30), versions: { a: '1', b: '2' } }],
    },
  },
  {
    part: 'I1.traffic',
    title: 'an answer of a release that nobody knows',
    evidence: { ...COMPLETED, answers: [{ at: time(30), versions: { ledger: 'sha256:third' } }] },
  },
  {
    part: 'I2.order',
    title: 'opened before verification',
    evidence: { ...COMPLETED, ...withFacts([...FACTS.slice(0, 16), ...FACTS.slice(17), FACTS[16]!]) },
  },
  {
    part: 'I2.order',
    title: 'opened on inconclusive evidence',
    evidence: instead(16, judged(1, 'forward', 'inconclusive')),
  },
  {
    part: 'I2.order',
    title: 'opened on a verdict that cannot be read',
    evidence: instead(16, judged(1, 'forward', 'fine')),
  },
  {
    part: 'I2.order',
    title: 'opened after a change that came after verification',
    evidence: inserted(17, intent(key('start-tiers', 'wallet'), 'start', 5)),
  },
  {
    part: 'I2.order',
    title: 'opened to the release on what was verified as found',
    evidence: instead(16, judged(1, 'undo', 'passed')),
  },
  {
    part: 'I2.evidence',
    title: 'passed with a probe that did not',
    evidence: {
      ...COMPLETED,
      timeline: [
        { at: time(1), what: 'verified', of: 'release', verdict: 'passed', probes: ['passed', 'inconclusive'] },
      ],
    },
  },
  {
    part: 'I2.evidence',
    title: 'passed on no probe at all',
    evidence: {
      ...COMPLETED,
      timeline: [{ at: time(1), what: 'verified', of: 'release', verdict: 'passed', probes: [] }],
    },
  },
  {
    part: 'I2.from-outside',
    title: 'answered while shut',
    evidence: { ...COMPLETED, answers: [{ at: time(12), versions: { ledger: 'sha256:good' } }] },
  },
  { part: 'I3.captured-first', title: 'destroyed with no capture', evidence: { ...COMPLETED, captures: [] } },
  {
    part: 'I3.captured-first',
    title: 'destroyed before its capture was complete',
    evidence: { ...COMPLETED, captures: [{ target: 'ledger', at: time(41), hashed: true, readBack: true }] },
  },
  {
    part: 'I3.captured-first',
    title: 'destroyed on a capture that was not read back',
    evidence: { ...COMPLETED, captures: [{ target: 'ledger', at: time(8), hashed: true, readBack: false }] },
  },
  {
    part: 'I3.captured-first',
    title: 'destroyed on a capture of another object of that name',
    evidence: {
      ...COMPLETED,
      recorder: COMPLETED.recorder!.map(event => (event.destroys ? { ...event, object: 'c2' } : event)),
      captures: COMPLETED.captures!.map(capture => ({ ...capture, object: 'c1' })),
    },
  },
  {
    part: 'I3.writes',
    title: 'an acknowledged write lost, and none accepted',
    evidence: { ...COMPLETED, loss: { ceiling: 0 } },
  },
  {
    part: 'I3.writes',
    title: 'a write there twice',
    evidence: { ...COMPLETED, writes: [{ id: 'w1', acknowledgedAt: time(1), present: 2 }] },
  },
  {
    part: 'I3.writes',
    title: 'a write lost that was acknowledged after the freeze',
    evidence: { ...COMPLETED, writes: [{ id: 'w3', acknowledgedAt: time(30), present: 0 }] },
  },
  {
    part: 'I3.loss-fixed',
    title: 'more lost than was fixed',
    evidence: { ...COMPLETED, loss: { ceiling: 3, fixed: 0 } },
  },
  {
    part: 'I3.loss-fixed',
    title: 'more fixed than was accepted',
    evidence: { ...COMPLETED, loss: { ceiling: 0, fixed: 1 } },
  },
];
