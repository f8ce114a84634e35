import type { Survey, SurveyRequest } from '../activities/contract.ts';
import { seconds } from '../plan/duration.ts';
import { care, office, UNANSWERED } from './send.ts';

/** Looks and computes, claims nothing and changes nothing: `lastgood plan`, `lastgood release list`. */
export async function survey(request: SurveyRequest): Promise<Survey> {
  const platform = request.what === 'plan' ? request.request.platform : request.platform;
  const opened = await office('read the plan').openPlan(platform);
  if (opened.verdict === 'failed') return { what: 'plan', admission: { verdict: 'failed', result: opened.result } };
  const until = Date.now() + UNANSWERED;
  return care(opened.host, `survey ${platform} · ${request.what}`, seconds(60)).survey(request, opened.host, until);
}
