import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RollbackRequest } from '../../src/plan/rollback-request.ts';
import type { StepResult } from '../../src/run/step.ts';

export const HISTORIES = join(import.meta.dirname, 'histories');

export const historyOf = async (name: string): Promise<unknown> =>
  JSON.parse(await readFile(join(HISTORIES, `${name}.json`), 'utf8'));

/** What a recorded history holds, in its order and in plain words. */
export interface Told {
  readonly request: RollbackRequest;
  readonly moments: readonly Moment[];
  /** `completed`, or the type of the failure that closed it. */
  readonly closed: string;
}

export type Moment =
  | { readonly what: 'asked'; readonly activity: string; readonly order: Order }
  | {
      readonly what: 'answered';
      readonly activity: string;
      readonly order: Order;
      /** A later one says that an attempt before it was lost. */
      readonly attempt: number;
      /** Of the attempt before: `HEARTBEAT`, or the message with which it asked for another try. */
      readonly lost: string;
      readonly result: StepResult | undefined;
    }
  | { readonly what: 'told'; readonly name: string; readonly said: Readonly<Record<string, unknown>> };

interface Order {
  readonly step?: string;
  readonly direction?: string;
  readonly round?: number;
}

interface Payloads {
  readonly payloads?: readonly { readonly data?: string }[];
}
interface Failure {
  readonly message?: string;
  readonly timeoutFailureInfo?: { readonly timeoutType?: string };
  readonly applicationFailureInfo?: { readonly type?: string };
}
type Event = { readonly eventId: string } & Readonly<Record<string, Attributes | undefined>>;
interface Attributes {
  readonly input?: Payloads;
  readonly result?: Payloads;
  readonly activityType?: { readonly name: string };
  readonly scheduledEventId?: string;
  readonly attempt?: number;
  readonly lastFailure?: Failure;
  readonly failure?: Failure;
  readonly signalName?: string;
  readonly acceptedRequest?: { readonly input?: { readonly name: string; readonly args?: Payloads } };
}

/** @throws Error for a history that has no start or no end */
export function readHistory(history: unknown): Told {
  const { events } = history as { events: readonly Event[] };
  const asked = new Map<string, { activity: string; order: Order }>();
  const tries = new Map<string, { attempt: number; lost: string }>();
  const moments: Moment[] = [];
  let request: RollbackRequest | undefined;
  let closed: string | undefined;
  for (const event of events) {
    const of = (name: string): Attributes | undefined => event[`${name}EventAttributes`];
    request ??= first(of('workflowExecutionStarted')?.input) as RollbackRequest | undefined;
    const scheduled = of('activityTaskScheduled');
    if (scheduled !== undefined) {
      const one = { activity: scheduled.activityType?.name ?? '', order: (first(scheduled.input) ?? {}) as Order };
      asked.set(event.eventId, one);
      moments.push({ what: 'asked', ...one });
    }
    const started = of('activityTaskStarted');
    if (started !== undefined)
      tries.set(started.scheduledEventId ?? '', { attempt: started.attempt ?? 1, lost: whyLost(started.lastFailure) });
    const done = of('activityTaskCompleted');
    const one = asked.get(done?.scheduledEventId ?? '');
    if (done !== undefined && one !== undefined) {
      const { attempt, lost } = tries.get(done.scheduledEventId ?? '') ?? { attempt: 1, lost: '' };
      moments.push({ what: 'answered', ...one, attempt, lost, result: resultIn(first(done.result)) });
    }
    const signal = of('workflowExecutionSignaled');
    if (signal !== undefined) moments.push(told(signal.signalName ?? '', first(signal.input)));
    const update = of('workflowExecutionUpdateAccepted')?.acceptedRequest?.input;
    if (update !== undefined) moments.push(told(update.name, first(update.args)));
    if (of('workflowExecutionCompleted') !== undefined) closed = 'completed';
    closed ??= of('workflowExecutionFailed')?.failure?.applicationFailureInfo?.type;
  }
  if (request === undefined || closed === undefined) throw new Error('a whole run has a start and an end');
  return { request, moments, closed };
}

const first = (from: Payloads | undefined): unknown => {
  const data = from?.payloads?.[0]?.data;
  return data === undefined ? undefined : JSON.parse(Buffer.from(data, 'base64').toString('utf8'));
};

/** Some activities answer with a verdict, some with one among other things. */
function resultIn(answer: unknown): StepResult | undefined {
  const { verdict, result } = (answer ?? {}) as { verdict?: string; result?: StepResult };
  return result ?? (verdict === undefined ? undefined : (answer as StepResult));
}

const told = (name: string, said: unknown): Moment => ({
  what: 'told',
  name,
  said: (said ?? {}) as Readonly<Record<string, unknown>>,
});

const whyLost = (failure: Failure | undefined): string =>
  failure?.timeoutFailureInfo?.timeoutType?.replace('TIMEOUT_TYPE_', '') ?? failure?.message ?? '';
