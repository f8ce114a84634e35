import { findBreak } from '../../src/executor/journal-line.ts';
import type { RunEvidence } from './evidence.ts';
import { effectsIn, ownJournal, type Part } from './part.ts';

export const record: readonly Part[] = [
  {
    name: 'I7.chain',
    check: ({ journals }) => {
      if (journals === undefined || journals.length === 0) return 'unchecked';
      return journals.flatMap(({ run, entries, head }) => {
        const broken = findBreak(entries);
        const end = entries.at(-1)?.hash;
        return [
          ...(broken === undefined ? [] : [`journal of run ${run}: ${broken}`]),
          ...(head === undefined || head === end ? [] : [`journal of run ${run} ends with ${end}, ${head} expected`]),
        ];
      });
    },
  },
  { name: 'I7.effects', check: checkEffects },
  {
    name: 'I7.decisions',
    check: evidence => {
      const journal = ownJournal(evidence);
      if (journal === undefined || evidence.decisions === undefined) return 'unchecked';
      const events = journal.entries.flatMap(({ fact }) => (fact.type === 'event' ? [fact.what] : []));
      return evidence.decisions.flatMap((what, index, all) => {
        const told = all.slice(0, index + 1).filter(other => other === what).length;
        return events.filter(event => event === what).length >= told
          ? []
          : [`${what} is told of, and is not in the journal`];
      });
    },
  },
  { name: 'I7.closed', check: checkClosed },
  {
    name: 'I7.secrets',
    check: ({ texts, canaries }) => {
      if (texts === undefined || texts.length === 0 || canaries === undefined || canaries.length === 0)
        return 'unchecked';
      // The canary itself is not repeated: what a test prints is one more place to leak to.
      return texts.flatMap(({ name, text }) =>
        canaries.flatMap((canary, index) =>
          formsOf(canary).some(form => text.includes(form)) ? [`${name} holds secret number ${index + 1}`] : [],
        ),
      );
    },
  },
  {
    name: 'I7.delivered',
    check: ({ escalations, notifications }) => {
      if (escalations === undefined || escalations.length === 0 || notifications === undefined) return 'unchecked';
      return escalations.flatMap(({ level, by }) => {
        const first = notifications.filter(told => told.level === level).sort((a, b) => (a.at < b.at ? -1 : 1))[0];
        if (first === undefined) return [`level ${level} was never told`];
        return first.at <= by ? [] : [`level ${level} was told at ${first.at}, ${by} at the latest expected`];
      });
    },
  },
];

/** As it is, and as it may have travelled: base64 (Temporal's payloads), in a URL, inside JSON. */
const formsOf = (canary: string): readonly string[] => [
  canary,
  ...[0, 1, 2].map(shift => base64Core(canary, shift)),
  encodeURIComponent(canary),
  JSON.stringify(canary).slice(1, -1),
];

/** The part of its base64 that does not depend on what stands around it, for each of the three ways it can fall. */
function base64Core(canary: string, shift: number): string {
  const bytes = Buffer.from(canary);
  const aligned = bytes.subarray((3 - shift) % 3);
  return aligned.subarray(0, aligned.length - (aligned.length % 3)).toString('base64') || canary;
}

/** What the engine saw and a run may have caused has its intent on record, before it. */
function checkEffects({ recorder, causes, journals }: RunEvidence): readonly string[] | 'unchecked' {
  if (recorder === undefined || causes === undefined || journals === undefined) return 'unchecked';
  const intents = journals.flatMap(({ entries }) => effectsIn(entries)).filter(({ fact }) => fact.type === 'intent');
  return recorder.flatMap(({ target, action, at }) => {
    const by = causes[action];
    if (by === undefined) return [];
    const known = intents.some(
      ({ fact, at: from }) => fact.key.target === target && by.includes(fact.effect) && from <= at,
    );
    return known ? [] : [`${target}: ${action} at ${at} has no intent in any journal`];
  });
}

/** The journal closes with what the report says. A run that was handed over may stay open for whoever takes over. */
function checkClosed(evidence: RunEvidence): readonly string[] | 'unchecked' {
  const journal = ownJournal(evidence);
  const { outcome } = evidence;
  if (journal === undefined || outcome === undefined || outcome === 'open') return 'unchecked';
  const closed = journal.entries.flatMap(({ fact }) => (fact.type === 'closed' ? [fact.outcome] : []));
  if (closed.length === 0) return outcome === 'held' ? [] : [`the report says ${outcome}, the journal is not closed`];
  return closed.every(found => found === outcome)
    ? []
    : [`the report says ${outcome}, the journal ${closed.join(', ')}`];
}
