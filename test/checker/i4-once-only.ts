import type { Fence, JournalEntry } from '../../src/executor/contract.ts';
import { fenceText, isOlder } from '../../src/executor/fence.ts';
import type { RunEvidence } from './evidence.ts';
import { effectId, effectsIn, leftOpen, type Part, tookHold } from './part.ts';

export const onceOnly: readonly Part[] = [
  { name: 'I4.journal', check: eachJournal(repeats) },
  { name: 'I4.rounds', check: eachJournal(roundsWithoutEvidence) },
  { name: 'I4.fence', check: eachJournal(lateActs) },
  { name: 'I4.recorder', check: checkRecorder },
];

function eachJournal(find: (entries: readonly JournalEntry[]) => readonly string[]): Part['check'] {
  return ({ journals }) => {
    if (journals === undefined || journals.length === 0) return 'unchecked';
    return journals.flatMap(({ run, entries }) => find(entries).map(what => `run ${run}: ${what}`));
  };
}

function repeats(entries: readonly JournalEntry[]): readonly string[] {
  const times = new Map<string, number>();
  const open = new Set<string>();
  const wrong: string[] = [];
  for (const { fact, seq } of effectsIn(entries)) {
    const id = effectId(fact);
    if (fact.type === 'intent') {
      if (times.has(id)) wrong.push(`entry ${seq} begins ${id} again, which is done`);
      open.add(id);
    }
    if (fact.type !== 'done') continue;
    if (fact.by !== 'found' && !open.has(id)) wrong.push(`entry ${seq} is done by an act without an intent: ${id}`);
    times.set(id, (times.get(id) ?? 0) + 1);
    if (times.get(id) === 2) wrong.push(`entry ${seq} is done again: ${id}`);
  }
  return wrong;
}

function roundsWithoutEvidence(entries: readonly JournalEntry[]): readonly string[] {
  const gone = new Set<string>();
  return effectsIn(entries).flatMap(({ fact, seq }) => {
    if (fact.type === 'gone' && fact.evidence !== '') gone.add(effectId(fact));
    if (fact.type === 'gone' || fact.effectRound === 1) return [];
    const before = effectId({ ...fact, effectRound: fact.effectRound - 1 });
    return gone.has(before)
      ? []
      : [`entry ${seq} begins effect round ${fact.effectRound} of ${fact.effect} with no evidence`];
  });
}

/** No act is begun under a fence older than one that the run has seen. */
function lateActs(entries: readonly JournalEntry[]): readonly string[] {
  let newest: Fence | undefined;
  return entries.flatMap(({ fact, seq }) => {
    if (fact.type !== 'order' && fact.type !== 'intent') return [];
    if (newest === undefined || isOlder(newest, fact.fence)) newest = fact.fence;
    if (fact.type === 'order' || !isOlder(fact.fence, newest)) return [];
    return [`entry ${seq} begins ${fact.effect} under ${fenceText(fact.fence)}, after ${fenceText(newest)}`];
  });
}

/** The engine saw no action more often than the journal has acts that cause it. What has none at all is I7's. */
function checkRecorder({ recorder, causes, journals }: RunEvidence): readonly string[] | 'unchecked' {
  if (recorder === undefined || causes === undefined || journals === undefined) return 'unchecked';
  const acts = journals.flatMap(({ entries }) => tookHold(entries));
  const open = journals.flatMap(({ entries }) => leftOpen(entries));
  const seen = new Map<string, { target: string; action: string; times: number }>();
  for (const { target, action } of recorder) {
    const one = seen.get(`${action} ${target}`) ?? { target, action, times: 0 };
    seen.set(`${action} ${target}`, { ...one, times: one.times + 1 });
  }
  return [...seen.values()].flatMap(({ target, action, times }) => {
    const by = causes[action];
    if (by === undefined) return [];
    const ofThis = ({ fact }: (typeof acts)[number]): boolean => fact.key.target === target && by.includes(fact.effect);
    const journalled = acts.filter(ofThis).length;
    return journalled === 0 || times <= journalled + open.filter(ofThis).length
      ? []
      : [`${target}: the engine saw ${action} ${times} times, the journal has ${journalled} acts that cause it`];
  });
}
