import { startRollback } from '../../src/client/runs.ts';
import type { PlatformName } from '../../src/plan/ids.ts';
import type { Severity } from '../../src/plan/plan.ts';
import type { RollbackRequest } from '../../src/plan/rollback-request.ts';
import type { RunReport } from '../../src/run/report.ts';
import { rollbackId } from '../../src/workflows/messages.ts';
import type { rollback } from '../../src/workflows/rollback.ts';
import { startSmallTraffic } from '../../testbed/small/traffic.ts';
import type { RunEvidence } from '../checker/evidence.ts';
import { finished } from '../workflows/run-of.ts';
import { evidenceOf, type Seen } from './evidence.ts';
import { lookAtSmall } from './looks.ts';
import type { Stand } from './stand.ts';

export const requestOf = (platform: string, more: Partial<RollbackRequest> = {}): RollbackRequest => ({
  platform: platform as PlatformName,
  severity: 'P0' as Severity,
  mode: 'manual',
  reason: 'the new release is bad',
  requester: 'tester',
  ...more,
});

export interface RunOptions {
  readonly request?: Partial<RollbackRequest>;
  /** Done beside the run, from its start. */
  readonly meanwhile?: (run: string) => Promise<unknown>;
  readonly uncounted?: Seen['uncounted'];
  readonly handedOverTo?: string;
  /** Questions a second. */
  readonly rate?: number;
}

export interface Ran {
  readonly report: RunReport;
  /** What the evidence was gathered from, for whoever looks again later. */
  readonly seen: Seen;
  readonly evidence: RunEvidence;
  /** Of the workflow, as Temporal has it. */
  readonly status: string;
}

/** Longer than any takes, with a browser on a busy machine, and less than a test may: only one that hangs meets it. */
const PATIENCE_MS = 7 * 60_000;

/** @throws Error when the run, or what is done beside it, does not end */
export async function ending<T>(run: string, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const told = `run ${run}, or what was done beside it, did not end within ${PATIENCE_MS / 60_000} minutes`;
  const timer = setTimeout(() => late.reject(new Error(told)), PATIENCE_MS);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** One rollback of the small platform under traffic, from its start to its report, with all that can be known of it. */
export async function runSmall(stand: Stand, options: RunOptions = {}): Promise<Ran> {
  const now = await lookAtSmall(stand.engine.client, stand.small);
  const since = new Date();
  const traffic = startSmallTraffic(stand.small, options.rate);
  try {
    const { run } = await startRollback(stand.at, requestOf(stand.platform, options.request));
    const handle = stand.at.client.workflow.getHandle<typeof rollback>(rollbackId(stand.platform), run);
    const [{ report, status }] = await ending(run, Promise.all([finished(handle), options.meanwhile?.(run)]));
    const record = await traffic.stop();
    const seen: Seen = {
      report,
      history: await historyOf(stand, run),
      now,
      since,
      traffic: record,
      ...(options.uncounted === undefined ? {} : { uncounted: options.uncounted }),
      ...(options.handedOverTo === undefined ? {} : { handedOverTo: options.handedOverTo }),
    };
    return { report, status, seen, evidence: await evidenceOf(stand, seen) };
  } finally {
    await traffic.stop();
  }
}

/** The whole history as text, its payloads readable. */
export async function historyOf({ at, platform }: Pick<Stand, 'at' | 'platform'>, run: string): Promise<string> {
  const history = await at.client.workflow.getHandle(rollbackId(platform), run).fetchHistory();
  return JSON.stringify(history, (_, value: unknown) =>
    value instanceof Uint8Array
      ? Buffer.from(value).toString('utf8')
      : typeof value === 'bigint'
        ? String(value)
        : value,
  );
}
