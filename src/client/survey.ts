import { randomUUID } from 'node:crypto';
import { type Survey, type SurveyRequest, surveyId } from '../workflows/messages.ts';
import type { Reached } from './connection.ts';
import { requirePoller } from './pollers.ts';
import { asRefusal } from './service-error.ts';
import { type SideWork, waitFor } from './side-work.ts';

/** A survey that takes longer than this is given up; it changes nothing, so nothing is lost. */
const LONGEST_MS = 120_000;

/**
 * Looks at the platform through the workers, and changes nothing: what a run would do, or what the ledger holds.
 * @throws Refusal no-worker | unreachable (the engine did not answer) | refused
 */
export async function survey(at: Reached, request: SurveyRequest): Promise<Survey> {
  const platform = request.what === 'plan' ? request.request.platform : request.platform;
  await requirePoller(at, at.queue, 'workflow');
  const workflowId = surveyId(platform, randomUUID());
  try {
    await at.client.workflow.start('survey', {
      workflowId,
      taskQueue: at.queue,
      args: [request],
      workflowExecutionTimeout: LONGEST_MS,
      staticSummary: `survey of ${platform}: ${request.what} · changes nothing`,
    });
  } catch (error) {
    throw asRefusal(error, `starting the survey of ${platform}`);
  }
  const work: SideWork = { workflowId, what: `the survey of ${platform}`, changesNothing: true };
  return (await waitFor(at, work)) as Survey;
}
