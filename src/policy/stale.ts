import { minutes } from '../plan/duration.ts';

/** Between a look and the step that rests on it pass milliseconds, unless a worker was away; the clocks of two hosts differ by less. */
const FRESH = minutes(2);

/**
 * Pure: whether what was seen may be otherwise by now.
 * @param seenAt ISO 8601; absent: nothing rests on it
 * @param now milliseconds since the epoch
 */
export const isStale = (seenAt: string | undefined, now: number): boolean =>
  seenAt !== undefined && !(now - Date.parse(seenAt) <= FRESH);
