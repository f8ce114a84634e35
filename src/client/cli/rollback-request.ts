import { formatFault } from '../../plan/faults.ts';
import type { RollbackRequest } from '../../plan/rollback-request.ts';
import { Refusal } from '../refusal.ts';

/** What `plan` and `run` are told alike. */
export interface AskedFor {
  readonly release?: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly acceptLoss?: number;
  readonly severity?: string;
  readonly mode?: string;
  readonly reason?: string;
  readonly requester?: string;
}

/** @throws Refusal usage, with every fault at once */
export async function requestFor(platform: string, asked: AskedFor, more: object = {}): Promise<RollbackRequest> {
  const { parseRollbackRequest } = await import('../../plan/schema/request.ts');
  const { whoever } = await import('./arguments.ts');
  const parsed = parseRollbackRequest({
    platform,
    ...(asked.release === undefined ? {} : { release: asked.release }),
    ...(asked.data === undefined ? {} : { data: asked.data }),
    ...(asked.acceptLoss === undefined ? {} : { lossCeiling: asked.acceptLoss }),
    ...(asked.severity === undefined ? {} : { severity: asked.severity }),
    ...(asked.mode === undefined ? {} : { mode: asked.mode }),
    reason: asked.reason ?? 'asked for on the command line',
    requester: asked.requester ?? whoever(),
    ...more,
  });
  if ('request' in parsed) return parsed.request;
  throw new Refusal('usage', parsed.faults.map(formatFault).join('; '));
}
