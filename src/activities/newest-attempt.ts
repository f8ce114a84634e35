import type { Fence, Journal } from '../executor/contract.ts';
import { isOlder } from '../executor/fence.ts';
import { cancelled } from './classify.ts';

/** By a run's journal: one process owns an engine, so that it knows every attempt that may still be at work there. */
const newest = new WeakMap<Journal, Fence>();

/**
 * Makes this attempt the newest at its run. One that the server gave up goes on until it hears of it: then the lock is
 * its successor's, which may be at work under it, and not its own to give back.
 * @returns whether it is still the newest
 * @throws CancelledFailure when a newer one has begun already
 */
export function enterAsNewest(journal: Journal, fence: Fence): () => boolean {
  const before = newest.get(journal);
  if (before !== undefined && isOlder(fence, before)) throw cancelled();
  newest.set(journal, fence);
  return () => newest.get(journal) === fence;
}
