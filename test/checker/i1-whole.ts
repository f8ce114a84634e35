import type { Answer, Look, RunEvidence, TargetEvidence, Versions } from './evidence.ts';
import { ownJournal, type Part, tookHold } from './part.ts';

const OUTCOMES = ['completed', 'reverted', 'refused', 'held'];
/** What a run may have done and still say that it touched nothing: it staged beside the live platform. */
const BESIDE = new Set(['admit', 'stage', 'approve', 'recheck']);

export const whole: readonly Part[] = [
  {
    name: 'I1.outcome',
    check: ({ outcome }) => {
      if (outcome === undefined) return 'unchecked';
      return OUTCOMES.includes(outcome) ? [] : [`the run is ${outcome}; one of ${OUTCOMES.join(', ')} expected`];
    },
  },
  {
    name: 'I1.targets',
    check: ({ outcome, targets }) => {
      if (outcome === undefined || outcome === 'open' || targets === undefined || targets.length === 0)
        return 'unchecked';
      // A held run may stand anywhere: its gates are what counts.
      if (outcome === 'held') return [];
      return targets.flatMap(target => differences(target, outcome === 'completed' ? 'release' : 'now'));
    },
  },
  { name: 'I1.gates', check: checkGates },
  {
    name: 'I1.untouched',
    check: evidence => {
      const journal = ownJournal(evidence);
      if (evidence.outcome !== 'refused' || journal === undefined) return 'unchecked';
      return tookHold(journal.entries)
        .filter(({ fact }) => !BESIDE.has(fact.key.step))
        .map(
          ({ fact, seq }) => `refused, yet entry ${seq} is ${fact.effect} of ${fact.key.step} on ${fact.key.target}`,
        );
    },
  },
  {
    name: 'I1.handed-over',
    check: ({ outcome, handedOverTo, notifications }) => {
      if (outcome !== 'held') return 'unchecked';
      const told = notifications?.some(({ urgency }) => urgency === 'page') ?? false;
      return [
        ...(handedOverTo ? [] : ['held, and nobody is named who took it over']),
        ...(told ? [] : ['held, and nobody was paged']),
      ];
    },
  },
  { name: 'I1.traffic', check: checkTraffic },
];

function differences({ target, observed, ...expected }: TargetEvidence, wanted: 'now' | 'release'): string[] {
  if (observed === undefined) return [`${target}: could not be looked at`];
  return (['version', 'settings', 'activity'] satisfies (keyof Look)[]).flatMap(what => {
    const value = expected[wanted][what];
    if (value === undefined || value === observed[what]) return [];
    return [`${target}: ${what} ${value} expected, ${observed[what] ?? 'nothing'} found`];
  });
}

function checkGates({
  outcome,
  gates,
  afterRevert = 'open',
  notifications,
}: RunEvidence): readonly string[] | 'unchecked' {
  if (outcome === undefined || outcome === 'open' || gates === undefined || gates.length === 0) return 'unchecked';
  const wanted = outcome === 'held' || (outcome === 'reverted' && afterRevert === 'stay-shut') ? 'shut' : 'open';
  return gates.flatMap(({ gate, state }) => {
    if (state === wanted) return [];
    const said = notifications?.some(({ title }) => title.includes('NOT SHUT') && title.includes(gate)) ?? false;
    if (outcome === 'held' && said) return [];
    return [`${outcome}: gate ${gate} ${wanted} expected, ${state} found`];
  });
}

function checkTraffic({ answers, targets, served }: RunEvidence): readonly string[] | 'unchecked' {
  const sides = served ?? (targets === undefined ? undefined : sidesOf(targets));
  if (answers === undefined || sides === undefined) return 'unchecked';
  return answers.flatMap(answer => mixed(answer, sides.now, sides.release));
}

const sidesOf = (targets: readonly TargetEvidence[]): { now: Versions; release: Versions } => ({
  now: Object.fromEntries(targets.map(({ target, now }) => [target, now.version])),
  release: Object.fromEntries(targets.map(({ target, release }) => [target, release.version])),
});

function mixed({ at, versions }: Answer, now: Versions, release: Versions): string[] {
  const seen = Object.entries(versions);
  const fits = (side: Versions) => seen.every(([target, version]) => side[target] === version);
  if (fits(now) || fits(release)) return [];
  return [
    `an answer at ${at} is of no one release: ${seen.map(([target, version]) => `${target} ${version}`).join(', ')}`,
  ];
}
