import assert from 'node:assert/strict';
import { WorkflowNotFoundError } from '@temporalio/client';
import { rollbackId } from '../../../src/workflows/messages.ts';
import type { rollback } from '../../../src/workflows/rollback.ts';
import { poll } from '../../../testbed/process/poll.ts';
import { knock } from '../../platforms/evidence.ts';
import { journalNow } from '../../platforms/kill-points.ts';
import { type Looks, lookAtSmall } from '../../platforms/looks.ts';
import type { Stand } from '../../platforms/stand.ts';

export const handleOf = ({ at, platform }: Stand, run?: string) =>
  at.client.workflow.getHandle<typeof rollback>(rollbackId(platform), run);

/** How the workflow is met. Absent: by the calls that the Web UI makes, with the worker stopped in the very step. */
export type Hand<T = void> = (run: string) => Promise<T>;

/** Does it while the worker stands still, so that nothing moves on between the look and the act; by hand, as it comes. @returns whether it was met exactly there */
export async function inTheStep<T>(
  stand: Stand,
  isThere: () => boolean,
  act: () => Promise<T>,
  hand: boolean,
): Promise<{ exactly: boolean; done: T }> {
  if (!hand) stand.worker.freeze();
  const exactly = isThere();
  const done = await act();
  if (!hand) stand.worker.goOn();
  return { exactly, done };
}

/** How long nothing may be written before what was under way counts as settled. */
const STILL_MS = 1_200;

/** What a worker had in flight for a run that is gone: it hears of the end at its next heartbeat, and settles. */
export async function atRest(stand: Stand, ...runs: readonly string[]): Promise<void> {
  let last = { count: -1, at: Date.now() };
  await poll({ what: 'the journals to come to rest', deadlineMs: 60_000, everyMs: 50 }, () => {
    const entries = runs.flatMap(run => journalNow(stand, run));
    if (entries.length !== last.count) last = { count: entries.length, at: Date.now() };
    const acting = entries.reduce((open, { fact }) => {
      if (fact.type === 'intent') return open + 1;
      return fact.type === 'failed' || (fact.type === 'done' && fact.by !== 'found') ? open - 1 : open;
    }, 0);
    // An act that nobody could read back stays open: it is waited for as long as a look may take.
    return Date.now() - last.at > (acting > 0 ? 12_000 : STILL_MS);
  });
}

export type Standing = 'shut' | 'whole at v1' | 'whole at v2';

/** As a user and an observer beside the engine find it: no traffic, or all of one release. @throws AssertionError when it is neither */
export async function shutOrWhole(stand: Stand, now: Looks): Promise<Standing> {
  if ((await knock(stand.small.url)) === 'shut') return 'shut';
  const seen = await lookAtSmall(stand.engine.client, stand.small);
  if (isAt(seen, now)) return 'whole at v2';
  if (isAt(seen, stand.good)) return 'whole at v1';
  const all = [...seen].map(([target, look]) => `${target} ${look.version.slice(7, 15)} ${look.activity ?? ''}`);
  assert.fail(`traffic is open, and the platform is of no one release: ${all.join(', ')}`);
}

/** Policies are set aside before anything is stopped: they are no part of what a user meets. */
const isAt = (seen: Looks, wanted: Looks): boolean =>
  [...wanted].every(([target, look]) => {
    const found = seen.get(target);
    const same = look.version === '' ? found?.settings === look.settings : found?.version === look.version;
    return same && found?.activity === look.activity;
  });

/** Whose run the engine says that the platform is. */
export async function claimOf({ engine, platform }: Stand): Promise<string | undefined> {
  const all = await engine.client.listContainers({ all: true, filters: { name: [`^/lastgood-claim-${platform}$`] } });
  return all[0]?.Labels['lastgood.run'];
}

/** What the same click does in the Web UI: back to a workflow task, and on from there as another run. @returns that run */
export async function reset(stand: Stand, run: string, to: 'last' | 'first'): Promise<string> {
  const { events } = await handleOf(stand, run).fetchHistory();
  const done = (events ?? []).filter(event => event.workflowTaskCompletedEventAttributes);
  const at = to === 'first' ? done[0] : done.at(-1);
  if (at?.eventId === undefined || at.eventId === null) throw new WorkflowNotFoundError('no task', '', run);
  const { runId } = await stand.at.connection.workflowService.resetWorkflowExecution({
    namespace: stand.at.namespace,
    workflowExecution: { workflowId: rollbackId(stand.platform), runId: run },
    reason: 'a test',
    workflowTaskFinishEventId: at.eventId,
    requestId: crypto.randomUUID(),
  });
  return runId as string;
}
