import type { WorkflowExecutionInfo } from '@temporalio/client';
import { rollbackId } from '../workflows/messages.ts';
import type { Reached } from './connection.ts';
import { asRefusal, codeOf } from './service-error.ts';

/** One rollback as the server knows it, with or without a worker. */
export interface FoundRun {
  readonly platform: string;
  readonly run: string;
  /** `gone`: ended by the server or an operator, not by itself; its lock and its undo are still on the engine. */
  readonly status: 'open' | 'closed' | 'gone';
  /** The server's own word: RUNNING, COMPLETED, FAILED, TERMINATED. */
  readonly temporalStatus: string;
  readonly startedAt: Date;
  readonly closedAt?: Date;
  /** The search attributes, by their name without `Lastgood`: Phase, Severity, Outcome. */
  readonly known: Readonly<Record<string, string>>;
}

/** The newest run of a platform, or the one of that id. Undefined when there is none. @throws Refusal */
export async function findRun(at: Reached, platform: string, run?: string): Promise<FoundRun | undefined> {
  try {
    return foundRun(await at.client.workflow.getHandle(rollbackId(platform), run).describe());
  } catch (error) {
    if (codeOf(error) === 'NOT_FOUND' && !/namespace/i.test(String(error))) return undefined;
    if (run !== undefined && codeOf(error) === 'INVALID_ARGUMENT') return undefined;
    throw asRefusal(error, `looking for a run of ${platform}`);
  }
}

/** Open runs of every platform, newest first. */
export async function openRuns(at: Reached): Promise<readonly FoundRun[]> {
  try {
    const query = `WorkflowType = 'rollback' AND ExecutionStatus = 'Running'`;
    const found: FoundRun[] = [];
    for await (const info of at.client.workflow.list({ query })) found.push(foundRun(info));
    return found.sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime());
  } catch (error) {
    throw asRefusal(error, 'listing open runs');
  }
}

type Described = Pick<
  WorkflowExecutionInfo,
  'workflowId' | 'runId' | 'status' | 'startTime' | 'closeTime' | 'searchAttributes'
>;

export const foundRun = (info: Described): FoundRun => ({
  platform: info.workflowId.slice(rollbackId('').length),
  run: info.runId,
  status: statusOf(info.status.name),
  temporalStatus: info.status.name,
  startedAt: info.startTime,
  ...(info.closeTime === undefined ? {} : { closedAt: info.closeTime }),
  known: Object.fromEntries(
    Object.entries(info.searchAttributes)
      .filter(([name]) => name.startsWith('Lastgood'))
      .map(([name, value]) => [name.slice('Lastgood'.length), String(Array.isArray(value) ? value[0] : value)]),
  ),
});

function statusOf(name: string): FoundRun['status'] {
  if (name === 'RUNNING' || name === 'PAUSED') return 'open';
  return name === 'COMPLETED' || name === 'FAILED' ? 'closed' : 'gone';
}
