import { findNearest } from './nearest.ts';

/** What stands there, short enough for one line. */
export function describeFound(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value !== 'string') return String(value);
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
}

/** `"30 s", expected a duration, as 30s`; `missing, expected …` when there is nothing. */
export const wrong = (value: unknown, expected: string): string =>
  `${value === undefined ? 'missing' : describeFound(value)}, expected ${expected}`;

/** `, did you mean probes?`, or nothing when no candidate is near. */
export function didYouMean(word: unknown, candidates: Iterable<string>): string {
  const nearest = typeof word === 'string' ? findNearest(word, candidates) : undefined;
  return nearest === undefined ? '' : `, did you mean ${nearest}?`;
}

/** `one of keep, restore`; says so when there are none. */
export function oneOf(candidates: readonly unknown[]): string {
  if (candidates.length === 0) return 'none, for the plan names none';
  return candidates.length === 1 ? String(candidates[0]) : `one of ${candidates.join(', ')}`;
}

export const unknownKey = (key: string, known: readonly string[]): string =>
  `unknown key, expected ${oneOf(known)}${didYouMean(key, known)}`;
