import { setTimeout as delay } from 'node:timers/promises';
import { ApplicationFailure, TimeoutFailure, WorkflowFailedError } from '@temporalio/client';
import type { Cause } from '../run/step.ts';
import type { Reached } from './connection.ts';
import { noWorker, pollersOf } from './pollers.ts';
import { Refusal } from './refusal.ts';
import { asRefusal, reasonOf } from './service-error.ts';

/** A workflow beside the rollback, which the caller waits for: a survey or a recording. */
export interface SideWork {
  readonly workflowId: string;
  /** Begins a sentence: `the survey of n3xus`. */
  readonly what: string;
  /** Then it is ended when nobody can do it. */
  readonly changesNothing: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** An activity that nobody took up for this long may wait for a worker that is not there. */
const TAKEN_UP_WITHIN_MS = 4_000;

/** @throws Refusal no-worker | unreachable | refused */
export async function waitFor(at: Reached, work: SideWork): Promise<unknown> {
  const handle = at.client.workflow.getHandle(work.workflowId);
  const over = new AbortController();
  const seen: Seen = { failure: '' };
  const alone = findNobody(at, work, seen, over.signal);
  const given = givenUp(work.signal, over.signal);
  try {
    // Ended with the waiting: a call that outlives its connection would end the process.
    const result = at.connection.withAbortSignal(over.signal, () => handle.result());
    return await Promise.race([result, alone, given]);
  } catch (error) {
    throw failureOf(work, error, seen);
  } finally {
    over.abort();
  }
}

/** Why an activity is tried again and again, as the server last heard it: a closed workflow no longer says. */
interface Seen {
  failure: string;
}

/** Rejects when the work waits on a queue that nobody polls; never resolves. */
async function findNobody(at: Reached, work: SideWork, seen: Seen, over: AbortSignal): Promise<never> {
  const handle = at.client.workflow.getHandle(work.workflowId);
  const never = new Promise<never>(() => {});
  for (;;) {
    try {
      await delay(TAKEN_UP_WITHIN_MS, undefined, { signal: over, ref: false });
      const { raw } = await handle.describe();
      seen.failure = raw.pendingActivities?.find(pending => pending.lastFailure)?.lastFailure?.message ?? seen.failure;
      const idle = raw.pendingActivities?.some(pending => pending.state === 1 && !pending.lastStartedTime);
      if (!idle) continue;
      const events = (await handle.fetchHistory()).events ?? [];
      const queue = events.findLast(event => event.activityTaskScheduledEventAttributes)
        ?.activityTaskScheduledEventAttributes?.taskQueue?.name;
      if (!queue || (await pollersOf(at, queue, 'activity')).length > 0) continue;
      if (work.changesNothing) await handle.terminate('nobody polls the queue it needs').catch(() => undefined);
      throw noWorker(at, queue);
    } catch (error) {
      if (error instanceof Refusal && error.kind === 'no-worker') throw error;
      if (over.aborted) return never;
    }
  }
}

function givenUp(signal: AbortSignal | undefined, over: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true, signal: over });
  });
}

function failureOf(work: SideWork, error: unknown, seen: Seen): unknown {
  if (!(error instanceof WorkflowFailedError)) return asRefusal(error, `waiting for ${work.what}`);
  const { cause } = error;
  if (cause instanceof ApplicationFailure) {
    const result = cause.details?.[0] as { next?: string; cause?: Cause } | undefined;
    return new Refusal(result?.cause === 'unavailable' ? 'unreachable' : 'refused', `${work.what}: ${cause.message}`, {
      ...(result?.next === undefined ? {} : { next: [result.next] }),
      changed: work.changesNothing ? 'no' : 'unknown',
      cause: error,
    });
  }
  if (cause instanceof TimeoutFailure) {
    const why = seen.failure === '' ? '' : `: ${seen.failure}`;
    return new Refusal('unreachable', `${work.what} had no answer in time${why}`, {
      next: ['see whether the engine answers where the worker runs'],
      cause: error,
    });
  }
  return new Refusal('refused', `${work.what} was ended: ${reasonOf(error)}`, { cause: error });
}
