import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { getExternalWorkflowHandle, ParentClosePolicy, sleep, startChild, workflowInfo } from '@temporalio/workflow';
import { seconds } from '../plan/duration.ts';
import type { RunHash, RunId } from '../plan/ids.ts';
import type { RunOutline } from '../plan/run-plan.ts';
import type { aftercare } from './aftercare.ts';
import { aftercareId, hostQueue } from './messages.ts';
import type { Run } from './run.ts';

/** The watch over an earlier run hands over before anything is touched: two watchers would settle each other's undo. */
export async function handOverAftercare(run: Run): Promise<void> {
  try {
    await getExternalWorkflowHandle(aftercareId(run.request.platform)).signal('handOver');
    run.tookTheWatch = true;
  } catch {
    // None is under way.
  }
}

const TRIES = 10;
const BETWEEN = seconds(1);
type Watched = { readonly run: RunId; readonly hash: RunHash };

/** Its start is awaited, its end is not: it outlives the run. That it could not be started is noted, and undoes nothing. */
export async function startAftercare(run: Run): Promise<void> {
  const outline = run.outline;
  if (outline === undefined) return;
  // The watch of an earlier run was told to hand over, and ends what it is at.
  await startInTurn(run, outline, { run: run.progress.run as RunId, hash: outline.hash }, () => handOverAftercare(run));
}

/**
 * After a run that did not complete: the earlier one, whose undo is still kept, is watched again, so that what it
 * replaced goes some day. A watch that never handed over is left to its work.
 */
export async function watchAgain(run: Run, earlier: Watched): Promise<void> {
  const outline = run.outline;
  if (outline === undefined) return;
  if (run.tookTheWatch) return startInTurn(run, outline, earlier, async () => undefined);
  const failure = await startOnce(outline, earlier);
  if (failure !== undefined && !(failure instanceof WorkflowExecutionAlreadyStartedError))
    notStarted(run, outline, failure);
}

async function startInTurn(
  run: Run,
  outline: RunOutline,
  watched: Watched,
  before: () => Promise<void>,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const failure = await startOnce(outline, watched);
    if (failure === undefined) return;
    if (!(failure instanceof WorkflowExecutionAlreadyStartedError) || tries >= TRIES)
      return notStarted(run, outline, failure);
    await before();
    await sleep(BETWEEN, { summary: 'the earlier watch hands over' });
  }
}

function notStarted(run: Run, outline: RunOutline, failure: unknown): void {
  const why = failure instanceof Error ? failure.message : String(failure);
  run.note({ type: 'left-behind', what: `aftercare did not start on ${hostQueue(outline.host)}: ${why}` });
}

async function startOnce(outline: RunOutline, { run, hash }: Watched): Promise<unknown> {
  try {
    await startChild<typeof aftercare>('aftercare', {
      workflowId: aftercareId(outline.platform),
      taskQueue: workflowInfo().taskQueue,
      parentClosePolicy: ParentClosePolicy.ABANDON,
      args: [
        {
          platform: outline.platform,
          host: outline.host,
          run,
          hash,
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
