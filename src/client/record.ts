import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { type Recording, type RecordRequest, recordId } from '../workflows/messages.ts';
import type { Reached } from './connection.ts';
import { requirePoller } from './pollers.ts';
import { Refusal } from './refusal.ts';
import { asRefusal } from './service-error.ts';
import { waitFor } from './side-work.ts';

/**
 * Records what runs as a release, captures its stores, or lets it earn `good`, which waits out its soak.
 * `signal` ends the waiting alone: the recording goes on.
 * @throws Refusal already-open (another recording is under way) | refused | no-worker | unreachable
 */
export async function record(at: Reached, request: RecordRequest, signal?: AbortSignal): Promise<Recording> {
  const { platform } = request;
  const workflowId = recordId(platform);
  await requirePoller(at, at.queue, 'workflow');
  try {
    await at.client.workflow.start('record', {
      workflowId,
      taskQueue: at.queue,
      args: [request],
      workflowIdConflictPolicy: 'FAIL',
      staticSummary: `${request.what === 'good' ? 'earn good' : 'record'} ${request.release ?? platform}`.slice(0, 190),
    });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) {
      throw new Refusal('already-open', `a recording of ${platform} is under way already; nothing was started`, {
        next: [`wait for it: temporal workflow result --workflow-id ${workflowId}`],
      });
    }
    throw asRefusal(error, `starting to record ${platform}`);
  }
  return (await waitFor(at, {
    workflowId,
    what: `the recording of ${platform}`,
    changesNothing: false,
    signal,
  })) as Recording;
}
