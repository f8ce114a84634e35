import { getExternalWorkflowHandle, ParentClosePolicy, startChild, workflowInfo } from '@temporalio/workflow';
import type { RunId } from '../plan/ids.ts';
import type { aftercare } from './aftercare.ts';
import { aftercareId, hostQueue } from './messages.ts';
import type { Run } from './run.ts';

/** The watch over an earlier run hands over before anything is touched: two watchers would settle each other's undo. */
export async function handOverAftercare(run: Run): Promise<void> {
  try {
    await getExternalWorkflowHandle(aftercareId(run.request.platform)).signal('handOver');
  } catch {
    // None is under way.
  }
}

/** Its start is awaited, its end is not: it outlives the run. That it could not be started is noted, and undoes nothing. */
export async function startAftercare(run: Run): Promise<void> {
  const outline = run.outline;
  if (outline === undefined) return;
  try {
    await startChild<typeof aftercare>('aftercare', {
      workflowId: aftercareId(outline.platform),
      taskQueue: workflowInfo().taskQueue,
      parentClosePolicy: ParentClosePolicy.ABANDON,
      args: [
        {
          platform: outline.platform,
          host: outline.host,
          run: run.progress.run as RunId,
          hash: outline.hash,
          forMs: outline.aftercare.for,
          everyMs: outline.aftercare.every,
        },
      ],
    });
  } catch (error) {
    run.note({
      type: 'left-behind',
      what: `aftercare did not start on ${hostQueue(outline.host)}: ${error instanceof Error ? error.message : String(error)}`,
    });
  }
}
