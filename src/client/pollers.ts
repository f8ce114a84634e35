import { setTimeout as delay } from 'node:timers/promises';
import type { Reached } from './connection.ts';
import { Refusal } from './refusal.ts';
import { asRefusal } from './service-error.ts';

/** A worker polls at least once a minute; one that was not seen for longer is gone. */
const SEEN_WITHIN_MS = 70_000;
/** The protocol's numbers for the two kinds of a queue. */
const KINDS = { workflow: 1, activity: 2 } as const;

/** Who polled a queue within the last 70 s, newest first. */
export async function pollersOf(at: Reached, queue: string, kind: keyof typeof KINDS): Promise<readonly Poller[]> {
  try {
    const { pollers } = await at.connection.workflowService.describeTaskQueue({
      namespace: at.namespace,
      taskQueue: { name: queue },
      taskQueueType: KINDS[kind],
    });
    return (pollers ?? [])
      .map(poller => ({ identity: poller.identity ?? '', seenAt: Number(poller.lastAccessTime?.seconds ?? 0) * 1_000 }))
      .filter(poller => Date.now() - poller.seenAt < SEEN_WITHIN_MS)
      .sort((a, b) => b.seenAt - a.seenAt);
  } catch (error) {
    throw asRefusal(error, `asking who polls the queue ${queue}`);
  }
}

export interface Poller {
  readonly identity: string;
  /** Milliseconds since the epoch. */
  readonly seenAt: number;
}

/** A worker that was started a moment ago polls within this. */
const STARTING_MS = 5_000;

/** @throws Refusal no-worker when nobody polled the queue within the last 70 s, nor does within 5 s from now */
export async function requirePoller(at: Reached, queue: string, kind: keyof typeof KINDS): Promise<void> {
  for (const until = Date.now() + STARTING_MS; ; ) {
    if ((await pollersOf(at, queue, kind)).length > 0) return;
    if (Date.now() > until) throw noWorker(at, queue);
    await delay(200);
  }
}

export const noWorker = (at: Reached, queue: string): Refusal =>
  new Refusal(
    'no-worker',
    `no worker has polled the queue ${queue} of ${at.address}, namespace ${at.namespace}, within 70 s`,
    { next: ['start one where the engine can be reached: lastgood worker'] },
  );
