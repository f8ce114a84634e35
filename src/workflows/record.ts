import { ApplicationFailure, sleep } from '@temporalio/workflow';
import type { Recording, RecordOrder, RecordRequest } from '../activities/contract.ts';
import { minutes } from '../plan/duration.ts';
import { care, office, UNANSWERED } from './send.ts';

/** A soak that keeps starting anew is judged this often, and then given up. */
const JUDGEMENTS = 20;
const EACH = minutes(30);

/** Records what runs as a release, takes a capture of its stores, or lets it earn `good`. @throws ApplicationFailure `refused` */
export async function record(request: RecordRequest): Promise<Recording> {
  const opened = await office('read the plan').openPlan(request.platform);
  if (opened.verdict === 'failed') return refuse(opened);
  let turn = 0;
  const order = (): RecordOrder => ({
    request,
    host: opened.host,
    turn: ++turn,
    answered: Date.now() + UNANSWERED,
    until: Date.now() + EACH,
  });
  const acts = (summary: string) => care(opened.host, summary, EACH);

  if (request.what === 'good') return earnGood(() => acts('judge whether it is good').judgeGood(order()));
  if (request.capture) return passedOr(await acts('capture the stores').captureStores(order()));
  return passedOr(await acts(`record ${request.release ?? 'what runs'}`).recordRelease(order()));
}

/** Deployed, soaked, probed: waits out what is missing of the soak, and judges again. */
async function earnGood(judge: () => Promise<Recording & { waitMs: number }>): Promise<Recording> {
  for (let times = 0; times < JUDGEMENTS; times += 1) {
    const judged = await judge();
    if (judged.waitMs === 0) return passedOr(judged);
    await sleep(judged.waitMs, { summary: 'soak' });
  }
  return refuse({
    result: { verdict: 'failed', reason: `it was not still for its soak in ${JUDGEMENTS} judgements`, targets: [] },
  });
}

const passedOr = (recording: Recording): Recording =>
  recording.result.verdict === 'passed' ? recording : refuse(recording);

function refuse({ result }: Recording): never {
  throw ApplicationFailure.create({ type: 'refused', message: result.reason, nonRetryable: true, details: [result] });
}
