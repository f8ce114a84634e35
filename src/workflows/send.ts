import {
  ActivityCancellationType,
  ActivityFailure,
  type ActivityOptions,
  CancelledFailure,
  proxyActivities,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type {
  CareActivities,
  EngineActivities,
  OfficeActivities,
  RunClosed,
  StepOrder,
} from '../activities/contract.ts';
import { minutes, seconds } from '../plan/duration.ts';
import type { HostName, TargetId } from '../plan/ids.ts';
import type { OutlineTier } from '../plan/run-plan.ts';
import { failed, type StepResult } from '../run/step.ts';
import { hostQueue } from './messages.ts';
import type { Run } from './run.ts';

/** A try that is lost is tried again within 2 s; the phase's timer, not a count, ends it. */
const RETRY = { initialInterval: 200, backoffCoefficient: 2, maximumInterval: 2_000 };
const HEARTBEAT = 10_000;
/** One attempt may take as long as its phase; the engine's answers keep it alive. */
const SLACK = 60_000;
/** How much later than its own deadline an answer may come. */
const LATE = 5_000;

/** An engine that does not answer is asked again this long where nothing is at stake yet, and whoever asked is waiting. */
export const UNANSWERED = seconds(15);

export const office = (summary: string, startToClose = 30_000): OfficeActivities =>
  proxyActivities<OfficeActivities>({
    taskQueue: workflowInfo().taskQueue,
    startToCloseTimeout: startToClose,
    retry: RETRY,
    summary,
  });

/** What surveys, recordings and aftercare ask of a host. */
export const care = (host: HostName, summary: string, startToClose: number, attempts?: number): CareActivities =>
  proxyActivities<CareActivities>({
    taskQueue: hostQueue(host, workflowInfo().taskQueue),
    startToCloseTimeout: startToClose,
    heartbeatTimeout: HEARTBEAT,
    retry: attempts === undefined ? RETRY : { ...RETRY, maximumAttempts: attempts },
    summary,
  });

/** How long writing a store out may take depends on its size: as long as its bytes move, the heartbeat keeps it alive. */
export const exporting = (host: HostName, summary: string): Pick<CareActivities, 'exportOutgoing'> =>
  care(host, summary, minutes(24 * 60), 3);

/** The activities of this run's host, named in the Web UI by `summary`. `within`: all tries together, for what no step's budget ends. */
export function engine(run: Run, summary: string, within?: number): EngineActivities {
  const options: ActivityOptions = {
    taskQueue: hostQueue(run.host ?? '', workflowInfo().taskQueue),
    startToCloseTimeout: Math.max(run.deadline - Date.now(), 0) + SLACK,
    // Outside a step's budget nothing else ends the wait for a worker that is not there.
    ...(within === undefined ? {} : { scheduleToCloseTimeout: within + LATE }),
    heartbeatTimeout: run.heartbeat ?? HEARTBEAT,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: RETRY,
    summary,
  };
  return proxyActivities<EngineActivities>(options);
}

type About = { readonly tier?: OutlineTier; readonly targets?: readonly TargetId[] };

/** The order for what is under way now. Every call is a later turn, and carries what the journal does not hold yet. */
export function order(run: Run, about: About = {}): StepOrder {
  const outline = run.outline;
  if (outline === undefined) throw new Error('no order before the run is admitted');
  return {
    platform: outline.platform,
    hash: outline.hash,
    host: outline.host,
    step: run.progress.step,
    direction: run.progress.direction,
    hasOpened: run.hasOpened,
    round: run.currentRound,
    turn: run.nextTurn(),
    targets: about.targets ?? about.tier?.targets ?? [],
    ...(about.tier === undefined ? {} : { tier: about.tier.tier }),
    gates: outline.gates,
    until: run.deadline,
    grace: run.budgetOf(run.progress.step, run.progress.direction)?.target ?? 0,
    records: run.records(),
    ...(run.objectsOf === undefined ? {} : { onBehalfOf: run.objectsOf }),
    ...(run.seenAt === undefined ? {} : { seenAt: run.seenAt }),
  };
}

/** Sends one order and takes its answer; a lost or cancelled one becomes a result. What was not journalled is sent again. */
export async function send<T extends StepResult | { readonly result: StepResult } | RunClosed>(
  run: Run,
  sent: { readonly records: StepOrder['records'] },
  call: () => Promise<T>,
  lost: (result: StepResult) => T,
): Promise<T> {
  try {
    const answer = await call();
    const told = 'result' in answer ? answer.result : answer;
    if (!('unwritten' in told)) run.recorded(sent.records);
    return answer;
  } catch (error) {
    return lost(failed(reasonOf(error)));
  }
}

/** One engine activity that answers with a plain verdict. */
export async function step(run: Run, summary: string, name: PlainActivity, about: About = {}): Promise<StepResult> {
  const sent = order(run, about);
  return send(
    run,
    sent,
    () => engine(run, summary)[name](sent),
    result => result,
  );
}

type PlainActivity = {
  [K in keyof EngineActivities]: EngineActivities[K] extends (order: StepOrder) => Promise<StepResult> ? K : never;
}[keyof EngineActivities];

export function reasonOf(error: unknown): string {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof CancelledFailure) return 'it was cancelled, and its last attempt has settled';
  if (cause instanceof TimeoutFailure) return 'no worker answered in time';
  return cause instanceof Error ? cause.message : String(cause);
}
