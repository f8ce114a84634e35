import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { getExternalWorkflowHandle, ParentClosePolicy, sleep, startChild, workflowInfo } from '@temporalio/workflow';
import { seconds } from '../plan/duration.ts';
import type { RunId } from '../plan/ids.ts';
import type { RunOutline } from '../plan/run-plan.ts';
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

const TRIES = 10;
const BETWEEN = seconds(1);

/** Its start is awaited, its end is not: it outlives the run. That it could not be started is noted, and undoes nothing. */
export async function startAftercare(run: Run): Promise<void> {
  const outline = run.outline;
  if (outline === undefined) return;
  for (let tries = 1; ; tries += 1) {
    const failure = await startOnce(run, outline);
    if (failure === undefined) return;
    if (!(failure instanceof WorkflowExecutionAlreadyStartedError) || tries >= TRIES) {
      const why = failure instanceof Error ? failure.message : String(failure);
      return run.note({ type: 'left-behind', what: `aftercare did not start on ${hostQueue(outline.host)}: ${why}` });
    }
    // The watch of an earlier run was told to hand over, and ends what it is at.
    await handOverAftercare(run);
    await sleep(BETWEEN, { summary: 'the earlier watch hands over' });
  }
}

async function startOnce(run: Run, outline: RunOutline): Promise<unknown> {
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
          tell: outline.escalation[0]?.tell ?? [],
        },
      ],
    });
    return undefined;
  } catch (error) {
    return error;
  }
}
