import type { HttpProbe } from '../../plan/plan.ts';
import { attempt, causeOf, failed, inconclusive, passed } from '../attempt.ts';
import type { Evidence, Look } from '../contract.ts';
import type { ResolveSecret } from '../secrets.ts';
import { type Answer, exchange } from './exchange.ts';
import { judgeJson } from './json-pointer.ts';

const LARGEST_BODY = 1024 * 1024;

/**
 * One try. A wrong answer is failed; none, or one that cannot be read where JSON is asked for, is inconclusive.
 * @param url whom it asks, whole
 * @throws DriverError when the bearer's secret cannot be had
 */
export async function probeHttp(url: URL, spec: HttpProbe, resolve: ResolveSecret, look: Look): Promise<Evidence> {
  const headers: Record<string, string> = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'lastgood' };
  if (spec.bearer !== undefined) headers['authorization'] = `Bearer ${await resolve(spec.bearer)}`;
  const { signal, noAnswer } = attempt(look, spec.within);
  try {
    return judgeAnswer(spec, await exchange({ url, method: spec.method, headers, signal, largest: LARGEST_BODY }));
  } catch (error) {
    return noAnswer(`no readable answer (${causeOf(error)})`);
  }
}

/** Pure. */
export function judgeAnswer(spec: HttpProbe, { status, encoding, body, cut }: Answer): Evidence {
  if (status !== spec.status) return failed(`status ${spec.status} expected, ${status} found`);
  const seen = `status ${status}`;
  if (Object.keys(spec.json).length === 0) return passed(`${seen} as expected`);
  if (cut) return inconclusive(`${seen}, JSON of at most ${LARGEST_BODY} bytes expected, more found`);
  if (encoding !== undefined && encoding !== 'identity') {
    return inconclusive(`${seen}, plain JSON expected, content encoding ${JSON.stringify(encoding)} found`);
  }
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return inconclusive(`${seen}, JSON expected, ${body.length} bytes found that are not`);
  }
  const { verdict, reason } = judgeJson(document, spec.json);
  return { verdict, reason: `${seen}, ${reason}` };
}
