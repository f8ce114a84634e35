import type { JournalEvidence, RunEvidence } from './evidence.ts';
import { effectsIn, type Part } from './part.ts';

export const oneRun: readonly Part[] = [
  { name: 'I5.acts', check: checkActs },
  { name: 'I5.own-journal', check: checkOwn },
  { name: 'I5.claims', check: checkClaims },
];

/** On one platform the acts of one run lie wholly before those of another. */
function checkActs({ journals }: RunEvidence): readonly string[] | 'unchecked' {
  if (journals === undefined || journals.length === 0) return 'unchecked';
  const spans = journals.flatMap(spanOf);
  return spans.flatMap((a, index) =>
    spans
      .slice(index + 1)
      .filter(b => a.platform === b.platform && a.from < b.to && b.from < a.to)
      .map(b => `platform ${a.platform}: run ${a.run} acted ${a.from} to ${a.to}, run ${b.run} ${b.from} to ${b.to}`),
  );
}

function spanOf({ platform, run, entries }: JournalEvidence) {
  const times = effectsIn(entries)
    .filter(({ fact }) => fact.type === 'intent' || (fact.type === 'done' && fact.by !== 'found'))
    .map(({ at }) => at)
    .sort();
  const [from, to] = [times[0], times.at(-1)];
  return from === undefined || to === undefined ? [] : [{ platform, run, from, to }];
}

function checkOwn({ journals }: RunEvidence): readonly string[] | 'unchecked' {
  if (journals === undefined || journals.length === 0) return 'unchecked';
  return journals.flatMap(({ run, platform, entries }) =>
    entries.flatMap(({ fact, seq }) => {
      const [foundRun, foundPlatform] =
        fact.type === 'opened' ? [fact.run, fact.platform] : 'key' in fact ? [fact.key.run, platform] : [run, platform];
      return foundRun === run && foundPlatform === platform
        ? []
        : [`run ${run}: entry ${seq} is of run ${foundRun} on platform ${foundPlatform}`];
    }),
  );
}

/** The claim is one run's at a time, and whoever acts has it. */
function checkClaims({ claims, journals }: RunEvidence): readonly string[] | 'unchecked' {
  if (claims === undefined) return 'unchecked';
  const wrong: string[] = [];
  let holder: string | undefined;
  for (const { at, run, action } of claims) {
    if (action === 'claimed' && holder !== undefined && holder !== run)
      wrong.push(`run ${run} claimed at ${at} what run ${holder} holds`);
    holder = action === 'claimed' ? run : holder === run ? undefined : holder;
  }
  for (const { run, from, to } of (journals ?? []).flatMap(spanOf)) {
    const first = claims.find(claim => claim.run === run && claim.action === 'claimed');
    const last = claims.findLast(claim => claim.run === run);
    if (first === undefined || from < first.at) wrong.push(`run ${run} acted at ${from}, before it had the claim`);
    else if (last?.action === 'released' && to > last.at)
      wrong.push(`run ${run} acted at ${to}, after it gave the claim back`);
  }
  return wrong;
}
