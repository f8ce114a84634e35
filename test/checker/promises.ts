import type { RunEvidence } from './evidence.ts';
import { whole } from './i1-whole.ts';
import { verifiedFirst } from './i2-verified-first.ts';
import { nothingLost } from './i3-nothing-lost.ts';
import { onceOnly } from './i4-once-only.ts';
import { oneRun } from './i5-one-run.ts';
import { approvedOnly } from './i6-approved-only.ts';
import { record } from './i7-record.ts';
import type { Part, PartName } from './part.ts';

export const PROMISES = ['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7'] as const;
export type PromiseId = (typeof PROMISES)[number];

/** All parts of all promises, in their order. */
export const PARTS: readonly Part[] = [
  ...whole,
  ...verifiedFirst,
  ...nothingLost,
  ...onceOnly,
  ...oneRun,
  ...approvedOnly,
  ...record,
];

export interface Breach {
  readonly promise: PromiseId;
  readonly part: string;
  readonly state: 'broken' | 'unchecked';
  /** What was expected, what was found, and on what. */
  readonly what: string;
}

export interface Judged {
  readonly part: PartName;
  readonly state: 'kept' | 'broken' | 'unchecked';
  readonly breaches: readonly string[];
}

/** How each part of each promise fares. What has no evidence is `unchecked`, and that is not kept. */
export const judgePromises = (evidence: RunEvidence): readonly Judged[] =>
  PARTS.map(({ name, check }) => {
    const breaches = check(evidence);
    if (breaches === 'unchecked') return { part: name, state: 'unchecked', breaches: [] };
    return { part: name, state: breaches.length === 0 ? 'kept' : 'broken', breaches };
  });

/**
 * Every breach of the seven promises. Of each promise demanded at least one part must be checked, of each part demanded
 * that part: what is demanded and has no evidence is returned as `unchecked`. All seven are demanded unless told otherwise.
 * A part that is not demanded and is broken is returned all the same.
 */
export function checkPromises(
  evidence: RunEvidence,
  demanded: readonly (PromiseId | PartName)[] = PROMISES,
): readonly Breach[] {
  const judged = judgePromises(evidence);
  const broken = judged.flatMap(({ part, breaches }) =>
    breaches.map(what => ({ promise: promiseOf(part), part, state: 'broken' as const, what })),
  );
  const unchecked = demanded
    .filter(wanted => !judged.some(({ part, state }) => isOf(part, wanted) && state !== 'unchecked'))
    .map(wanted => ({
      promise: promiseOf(wanted),
      part: wanted,
      state: 'unchecked' as const,
      what: `${wanted} was to be checked, and there is no evidence for it`,
    }));
  return [...broken, ...unchecked];
}

const promiseOf = (name: string): PromiseId => name.slice(0, 2) as PromiseId;
const isOf = (part: string, wanted: string): boolean => part === wanted || part.startsWith(`${wanted}.`);
