import type { WorkflowHandle, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { ApplicationFailure, WorkflowFailedError } from '@temporalio/client';
import type { RollbackRequest } from '../../src/plan/rollback-request.ts';
import type { RunReport } from '../../src/run/report.ts';
import { rollbackId } from '../../src/workflows/messages.ts';
import type { rollback } from '../../src/workflows/rollback.ts';
import type { TestTemporal } from '../support/temporal.ts';
import { queueOf, type ScriptedPlatform } from './scripted-platform.ts';

export interface FinishedRun {
  readonly report: RunReport;
  /** Completed or Failed, as Temporal has it. */
  readonly status: string;
  readonly handle: WorkflowHandle<typeof rollback>;
}

export const startRun = (
  temporal: TestTemporal,
  platform: ScriptedPlatform,
  request: RollbackRequest,
): Promise<WorkflowHandleWithFirstExecutionRunId<typeof rollback>> =>
  temporal.client.workflow.start<typeof rollback>('rollback', {
    workflowId: rollbackId(platform.name),
    taskQueue: queueOf(platform),
    args: [request],
  });

/** Waits for its report, which a run that did not complete carries in its failure. */
export async function finished(handle: WorkflowHandle<typeof rollback>): Promise<FinishedRun> {
  const report = await handle.result().catch(reportIn);
  const { status } = await handle.describe();
  return { report, status: status.name, handle };
}

function reportIn(error: unknown): RunReport {
  const cause = error instanceof WorkflowFailedError ? error.cause : undefined;
  const report = cause instanceof ApplicationFailure ? (cause.details?.[0] as RunReport | undefined) : undefined;
  if (report === undefined) throw error;
  return report;
}
