import { minutes } from '../plan/duration.ts';

/** Between a look and the step that rests on it pass milliseconds, unless a worker or its host was away, or a clock was set. */
const FRESH = minutes(2);

/**
 * Pure: whether what was seen may be otherwise by now.
 * @param seenAt ISO 8601; absent: nothing rests on it
 * @param now milliseconds since the epoch, by the same clock
 */
export const isStale = (seenAt: string | undefined, now: number): boolean =>
  seenAt !== undefined && !(Math.abs(now - Date.parse(seenAt)) <= FRESH);
