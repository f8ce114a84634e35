import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalEntry } from '../../src/executor/contract.ts';
import { type Direction, STEPS, type StepName } from '../../src/run/step.ts';
import { rollbackId } from '../../src/workflows/messages.ts';
import { poll } from '../../testbed/process/poll.ts';
import type { Stand } from './stand.ts';

/** A boundary of the runbook, at which the worker is killed. */
export interface KillPoint {
  readonly step: StepName;
  /** Under way on the engine, or its last activity on record as completed and the next step not yet under way for long. */
  readonly edge: 'began' | 'ended';
}

export const KILL_POINTS: readonly KillPoint[] = STEPS.flatMap(step => [
  { step, edge: 'began' as const },
  { step, edge: 'ended' as const },
]);

/** The activity that ends each step, and how often it completes in a run of two tiers. */
const LAST: Readonly<Partial<Record<StepName, readonly [activity: string, times: number]>>> = {
  admit: ['admit', 1],
  stage: ['stageRelease', 1],
  recheck: ['recheckPlatform', 1],
  'shut-gates': ['shutGates', 1],
  'capture-live': ['captureLive', 1],
  'stop-tiers': ['stopTier', 2],
  'capture-stopped': ['captureStopped', 1],
  'swap-in': ['swapIn', 1],
  'start-tiers': ['startTier', 2],
  'judge-inside': ['judgeInside', 1],
  'open-gates': ['openGates', 1],
  'judge-front-door': ['judgeFrontDoor', 1],
};

/** What a stand gives to know where a run is. */
export type Watched = Pick<Stand, 'at' | 'platform' | 'state'>;

/** Resolves at the point, as soon as it can be known from outside. @throws Error when the run is not there within a minute */
export async function awaitPoint(stand: Watched, run: string, { step, edge }: KillPoint): Promise<void> {
  const what = `the run to be where ${step} has ${edge}`;
  if (edge === 'ended' && step !== 'approve') return awaitActivity(stand, run, step);
  await poll({ what, deadlineMs: 60_000, everyMs: 8 }, async () => {
    if (step === 'admit') return isStarted(stand, run, 'admit');
    // Nothing is asked of the engine while people are waited for: the end of the step before, and the confirmation, are its bounds.
    if (step === 'approve') return edge === 'began' ? isAwaited(stand, run) : isConfirmed(stand, run);
    return journalNow(stand, run).some(({ fact }) => isOf(fact, step, 'forward'));
  });
}

/** By file: read hundreds of times a second, and only ever appended to. */
const journals = new Map<string, { size: number; entries: readonly JournalEntry[] }>();

/** The journal as it is while it is being written: a torn last line is not one yet. */
export function journalNow({ state, platform }: Watched, run: string): readonly JournalEntry[] {
  const file = join(state, 'journals', platform, `${run}.jsonl`);
  try {
    const { size } = statSync(file);
    const known = journals.get(file);
    if (known?.size === size) return known.entries;
    const text = readFileSync(file, 'utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    const entries = whole
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line) as JournalEntry);
    journals.set(file, { size, entries });
    return entries;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Whether a journal's entry is of that step, forward or in its undo. */
export const isOf = (fact: JournalEntry['fact'], step: StepName, direction: Direction): boolean => {
  const at = stepIn(fact);
  return at?.step === step && at.direction === direction;
};

/** What of the runbook a journal's entry says is under way. */
export function stepIn(
  fact: JournalEntry['fact'],
): { readonly step?: string; readonly direction?: string } | undefined {
  if (fact.type === 'order') return fact.key;
  return fact.type === 'event' && fact.what === 'step-began' ? (fact.facts as object) : undefined;
}

/** Whether the run was not past it yet: at most the step after it had begun. */
export function isStillAt(stand: Watched, run: string, { step, edge }: KillPoint): boolean {
  const facts = journalNow(stand, run).map(({ fact }) => fact);
  const last = facts.flatMap(fact => stepIn(fact)?.step ?? []).at(-1) as StepName | undefined;
  const furthest = STEPS.indexOf(step) + (edge === 'ended' ? 1 : 0);
  return !facts.some(({ type }) => type === 'closed') && (last === undefined || STEPS.indexOf(last) <= furthest);
}

async function isStarted({ at, platform }: Watched, run: string, activity: string): Promise<boolean> {
  const { raw } = await at.client.workflow.getHandle(rollbackId(platform), run).describe();
  return (raw.pendingActivities ?? []).some(
    ({ activityType, state }) => activityType?.name === activity && state === 2,
  );
}

async function isAwaited({ at, platform }: Watched, run: string): Promise<boolean> {
  const handle = at.client.workflow.getHandle(rollbackId(platform), run);
  const { step, awaiting } = await handle.query<{ step: string; awaiting?: unknown }>('progress');
  return step === 'approve' && awaiting !== undefined;
}

async function isConfirmed(stand: Watched, run: string): Promise<boolean> {
  const { events } = await historyEvents(stand, run);
  return events.some(
    event => event.workflowExecutionUpdateCompletedEventAttributes || event.workflowExecutionSignaledEventAttributes,
  );
}

/** INVALID_ARGUMENT: the page's token is of a state that the server has left. */
const forgotten = (error: { code?: number }): undefined => {
  if (error.code !== 3) throw error;
};

/** The server tells as soon as it has written it down. A page that it no longer knows, for its own state moved on, is asked for anew from the first. */
async function awaitActivity(stand: Watched, run: string, step: StepName): Promise<void> {
  const [activity, times] = LAST[step] as readonly [string, number];
  const until = Date.now() + 60_000;
  while (Date.now() < until) {
    const scheduled = new Map<string, string>();
    let completed = 0;
    let token: Uint8Array | 'wait' | undefined = 'wait';
    while (token !== undefined && Date.now() < until) {
      const page: Awaited<ReturnType<typeof historyEvents>> | undefined = await historyEvents(stand, run, token).catch(
        forgotten,
      );
      for (const event of page?.events ?? []) {
        const { activityTaskScheduledEventAttributes: asked, activityTaskCompletedEventAttributes: done } = event;
        if (asked) scheduled.set(String(event.eventId), asked.activityType?.name ?? '');
        if (done && scheduled.get(String(done.scheduledEventId)) === activity) completed += 1;
      }
      if (completed >= times) return;
      token = page?.next;
    }
  }
  throw new Error(`waited 60 s for ${step} to have ended`);
}

async function historyEvents({ at, platform }: Watched, run: string, from?: Uint8Array | 'wait') {
  const execution = { workflowId: rollbackId(platform), runId: run };
  const page = from === undefined || from === 'wait' ? {} : { nextPageToken: from };
  const answer = await at.connection.workflowService.getWorkflowExecutionHistory({
    namespace: at.namespace,
    execution,
    waitNewEvent: from !== undefined,
    ...page,
  });
  const next = answer.nextPageToken;
  return { events: answer.history?.events ?? [], next: next && next.length > 0 ? next : undefined };
}
