import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import { formatDuration } from '../plan/duration.ts';
import type { RollbackRequest } from '../plan/rollback-request.ts';
import { hostQueue, rollbackId } from '../workflows/messages.ts';
import type { Reached } from './connection.ts';
import { type FoundRun, findRun } from './find-run.ts';
import { requirePoller } from './pollers.ts';
import { Refusal } from './refusal.ts';
import { asRefusal } from './service-error.ts';
import { progressOf } from './sight.ts';

const PLATFORM = defineSearchAttributeKey('LastgoodPlatform', 'KEYWORD');
const MODE = defineSearchAttributeKey('LastgoodMode', 'KEYWORD');
const SEVERITY = defineSearchAttributeKey('LastgoodSeverity', 'KEYWORD');
const DRILL = defineSearchAttributeKey('LastgoodDrill', 'BOOL');

/** A run that was started. */
export interface Started {
  readonly platform: string;
  readonly workflowId: string;
  readonly run: string;
}

/**
 * Starts a rollback; the workflow's id is the lock, so one platform has one open run.
 * `host`: the plan's host when it is known, as a survey says it; its worker is looked for too.
 * @throws Refusal no-worker (nothing was started) | already-open (with its phase, starter, age) | unreachable | not-allowed
 */
export async function startRollback(at: Reached, request: RollbackRequest, host?: string): Promise<Started> {
  const { platform } = request;
  const workflowId = rollbackId(platform);
  await requirePoller(at, at.queue, 'workflow');
  if (host !== undefined) await requirePoller(at, hostQueue(host, at.queue), 'activity');
  try {
    const handle = await at.client.workflow.start('rollback', {
      workflowId,
      taskQueue: at.queue,
      args: [request],
      workflowIdConflictPolicy: 'FAIL',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      typedSearchAttributes: new TypedSearchAttributes([
        { key: PLATFORM, value: platform },
        { key: MODE, value: request.mode },
        { key: SEVERITY, value: request.severity },
        { key: DRILL, value: false },
      ]),
      staticSummary: summaryOf(request),
      staticDetails: detailsOf(request),
    });
    return { platform, workflowId, run: handle.firstExecutionRunId };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) throw await alreadyOpen(at, platform);
    throw asRefusal(error, `starting the rollback of ${platform}`);
  }
}

/** @throws Refusal already-open when a run of the platform is open */
export async function requireNoOpenRun(at: Reached, platform: string): Promise<void> {
  const found = await findRun(at, platform);
  if (found?.status === 'open') throw await alreadyOpen(at, platform, found);
}

async function alreadyOpen(at: Reached, platform: string, known?: FoundRun): Promise<Refusal> {
  const found = known ?? (await findRun(at, platform));
  const progress = await progressOf(at, platform, found?.run).catch(() => undefined);
  const age = found === undefined ? '' : `, open for ${formatDuration(Date.now() - found.startedAt.getTime())}`;
  const phase = progress?.phase ?? found?.known['Phase'] ?? 'not known';
  const starter = progress?.request?.requester;
  return new Refusal(
    'already-open',
    `a run of ${platform} is open already: ${found?.run ?? ''}, phase ${phase}${starter === undefined ? '' : `, started by ${starter}`}${age}; nothing was started`,
    { next: [`watch it: lastgood watch ${platform}`, `stop it: lastgood abort ${platform} --reason "why"`] },
  );
}

const summaryOf = (request: RollbackRequest): string =>
  `${request.platform} back to ${request.release ?? 'its last good release'} · ${request.severity} ${request.mode}`.slice(
    0,
    190,
  );

function detailsOf(request: RollbackRequest): string {
  const data = Object.entries(request.data ?? {}).map(([store, choice]) => `${store}: ${choice}`);
  return [
    `**${request.reason}**`,
    '',
    `- asked for by ${request.requester}`,
    `- release: ${request.release ?? 'the newest good one that is not running'}`,
    `- data: ${data.length === 0 ? 'as the plan says' : data.join(', ')}; at most ${request.lossCeiling ?? 0} rows may be lost`,
    ...(request.takeOver === undefined ? [] : [`- takes over run ${request.takeOver}`]),
  ].join('\n');
}
