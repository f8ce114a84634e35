import { ApplicationFailure, WorkflowFailedError } from '@temporalio/client';
import { type RunReport, reportOf as reportOfProgress } from '../run/report.ts';
import { rollbackId } from '../workflows/messages.ts';
import type { Reached } from './connection.ts';
import { type FoundRun, findRun } from './find-run.ts';
import { noWorker } from './pollers.ts';
import { Refusal } from './refusal.ts';
import { asRefusal } from './service-error.ts';
import { progressOf } from './sight.ts';

/**
 * The report of the newest run, or of that one. Of a closed run it is read from the server, and no worker is needed;
 * of an open one it is the report so far.
 * @throws Refusal no-run | no-worker | unreachable
 */
export async function reportOf(at: Reached, platform: string, run?: string): Promise<RunReport> {
  const found = await findRun(at, platform, run);
  if (found === undefined) {
    const which = run === undefined ? '' : ` with the id ${run}`;
    throw new Refusal(
      'no-run',
      `there is no run of ${platform}${which}, or its history was dropped after its retention`,
      {
        next: [`lastgood status ${platform}`],
      },
    );
  }
  if (found.status === 'closed') {
    const closed = await closedReport(at, platform, found.run);
    if (closed !== undefined) return closed;
  }
  if (found.status === 'gone') throw leftBehind(found);
  const progress = await progressOf(at, platform, found.run);
  if (progress === undefined) throw noWorker(at, at.queue);
  return reportOfProgress(progress);
}

/** @returns undefined when the run ended in a way that left no report */
async function closedReport(at: Reached, platform: string, run: string): Promise<RunReport | undefined> {
  try {
    return (await at.client.workflow.getHandle(rollbackId(platform), run).result()) as RunReport;
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw asRefusal(error, `reading the report of ${platform}`);
    const { cause } = error;
    return cause instanceof ApplicationFailure ? (cause.details?.[0] as RunReport | undefined) : undefined;
  }
}

/** A run that the server or an operator ended: nothing of lastgood had the last word. */
export const leftBehind = ({ platform, run, temporalStatus }: FoundRun): Refusal =>
  new Refusal(
    'left-behind',
    `run ${run} of ${platform} was ended from outside (${temporalStatus}) and has no report: the platform may be half-way, traffic may be shut`,
    { changed: 'unknown', next: [`lastgood run ${platform} --take-over ${run}`] },
  );
