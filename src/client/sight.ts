import { defaultPayloadConverter } from '@temporalio/client';
import type { RunProgress } from '../run/progress.ts';
import { rollbackId } from '../workflows/messages.ts';
import type { Reached } from './connection.ts';
import { type FoundRun, foundRun } from './find-run.ts';
import { asRefusal, codeOf } from './service-error.ts';

/** How long a run's worker is given to answer before the server is asked instead. */
const ANSWER_WITHIN_MS = 3_000;

/** What is known without a worker. */
export interface SilentRun {
  readonly found: FoundRun;
  readonly pending: readonly PendingWork[];
}

/** An activity that is under way or is waiting for its next try. */
export interface PendingWork {
  readonly activity: string;
  readonly state: 'scheduled' | 'started' | 'cancelling';
  readonly attempt: number;
  readonly worker: string;
  /** Milliseconds since the epoch. */
  readonly heartbeatAt?: number;
  /** As the activity reported it: `{ done, total, current }`. */
  readonly heartbeat?: unknown;
  readonly lastFailure?: string;
}

/** @returns undefined when no worker answered within 3 s @throws Refusal, or the server's error when there is no such run */
export async function progressOf(at: Reached, platform: string, run?: string): Promise<RunProgress | undefined> {
  try {
    return await at.connection.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
      at.client.workflow.getHandle(rollbackId(platform), run).query<RunProgress>('progress'),
    );
  } catch (error) {
    // A query is answered by a worker alone: these say that none is there, or that it is busy replaying.
    if (['DEADLINE_EXCEEDED', 'FAILED_PRECONDITION', 'CANCELLED', 'UNAVAILABLE'].includes(codeOf(error) ?? ''))
      return undefined;
    if (error instanceof Error && error.name === 'QueryNotRegisteredError') return undefined;
    throw asRefusal(error, `asking how far the run of ${platform} is`);
  }
}

/** Phase, pending activities and last heartbeat, from the server alone. @throws Refusal */
export async function describeWithoutWorker(at: Reached, platform: string, run?: string): Promise<SilentRun> {
  try {
    const described = await at.connection.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
      at.client.workflow.getHandle(rollbackId(platform), run).describe(),
    );
    return { found: foundRun(described), pending: (described.raw.pendingActivities ?? []).map(pendingWork) };
  } catch (error) {
    throw asRefusal(error, `asking the server about the run of ${platform}`);
  }
}

type Described = Awaited<ReturnType<ReturnType<Reached['client']['workflow']['getHandle']>['describe']>>;
type Pending = NonNullable<Described['raw']['pendingActivities']>[number];

/** The protocol's numbers. */
const STATES: Readonly<Record<number, PendingWork['state']>> = { 1: 'scheduled', 2: 'started', 3: 'cancelling' };

function pendingWork(pending: Pending): PendingWork {
  const payload = pending.heartbeatDetails?.payloads?.[0];
  const seconds = Number(pending.lastHeartbeatTime?.seconds ?? 0);
  return {
    activity: pending.activityType?.name ?? '',
    state: STATES[pending.state ?? 0] ?? 'scheduled',
    attempt: pending.attempt ?? 1,
    worker: pending.lastWorkerIdentity ?? '',
    ...(seconds === 0 ? {} : { heartbeatAt: seconds * 1_000 }),
    ...(payload === undefined ? {} : { heartbeat: defaultPayloadConverter.fromPayload(payload) }),
    ...(pending.lastFailure?.message ? { lastFailure: pending.lastFailure.message } : {}),
  };
}
