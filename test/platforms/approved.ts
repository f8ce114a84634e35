import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RollbackRequest } from '../../src/plan/rollback-request.ts';
import type { RunPlan } from '../../src/plan/run-plan.ts';
import { hashOf } from '../../src/worker/file-run-store.ts';

interface Payloads {
  readonly payloads?: readonly { readonly data?: string }[];
}
interface HistoryEvent {
  readonly workflowExecutionStartedEventAttributes?: { readonly input?: Payloads };
  readonly workflowExecutionSignaledEventAttributes?: { readonly signalName?: string; readonly input?: Payloads };
  readonly workflowExecutionUpdateAcceptedEventAttributes?: {
    readonly acceptedRequest?: { readonly input?: { readonly name?: string; readonly args?: Payloads } };
  };
}
const eventsIn = (history: string): readonly HistoryEvent[] =>
  (JSON.parse(history) as { events?: readonly HistoryEvent[] }).events ?? [];

/** What the run was started with, by Temporal's own history of it. */
export function requestIn(history: string): RollbackRequest {
  const [request] = eventsIn(history).flatMap(event => read(event.workflowExecutionStartedEventAttributes?.input));
  if (request === undefined) throw new Error('the history does not say what the run was started with');
  return request as RollbackRequest;
}

/**
 * The run hashes that were approved: those that people sent with a confirm, as Temporal's history has them, and the one
 * that the start stated. Where the severity asks nobody, the plan approves what it admits: then it is the hash that the
 * RunPlan on the worker's disk has by its content. What the run says of itself is no evidence of an approval.
 */
export function approvedIn(history: string, { state, hash }: { state: string; hash: string }): readonly string[] {
  const request = requestIn(history);
  const stated = request.expect === undefined ? [] : [request.expect];
  return [...stated, ...confirmedIn(history), ...byPolicy(join(state, 'run-plans', `${hash}.json`), request)];
}

const confirmedIn = (history: string): string[] =>
  eventsIn(history).flatMap(event => {
    const signal = event.workflowExecutionSignaledEventAttributes;
    const update = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input;
    const said = [
      ...(signal?.signalName === 'confirm' ? read(signal.input) : []),
      ...(update?.name === 'confirm' ? read(update.args) : []),
    ] as { hash?: string }[];
    return said.flatMap(({ hash }) => (hash === undefined ? [] : [hash]));
  });

/** A run that was never admitted has no RunPlan. */
function byPolicy(file: string, { severity }: RollbackRequest): readonly string[] {
  let runPlan: RunPlan;
  try {
    runPlan = JSON.parse(readFileSync(file, 'utf8')) as RunPlan;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const asked = Math.max(runPlan.approval.approvals, runPlan.plan.policy[severity].approvals);
  return asked === 0 ? [hashOf(runPlan)] : [];
}

/** Payloads are JSON, as text or as the base64 that a history's own JSON has. */
const read = (from: Payloads | undefined): unknown[] =>
  (from?.payloads ?? []).map(({ data = '' }) =>
    JSON.parse(data.startsWith('{') ? data : Buffer.from(data, 'base64').toString('utf8')),
  );
