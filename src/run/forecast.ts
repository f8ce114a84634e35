import { ofMilliseconds } from '../plan/duration.ts';
import type { Forecast, RunPlan } from '../plan/run-plan.ts';

/** What a run of the platform took that completed. */
export interface PastRun {
  readonly outageMs: number;
  /** In its steps: what it waited for people is no measure of the next. */
  readonly totalMs: number;
}

/** How many of the newest completed runs a forecast is made of. */
export const LOOKED_BACK = 5;

/** Pure: the medians of the runs that completed before; without one, a rough estimate from what one container and one tier cost. */
export function forecastOf({ plan, targets }: RunPlan, past: readonly PastRun[]): Forecast {
  if (past.length > 0) {
    return {
      outage: ofMilliseconds(median(past.map(run => run.outageMs))),
      total: ofMilliseconds(median(past.map(run => run.totalMs))),
      from: 'measured',
    };
  }
  const containers = targets.filter(target => target.kind === 'docker').length;
  const outage = 1_000 + plan.tiers.length * 1_200 + containers * 250 + plan.verify.window;
  return {
    outage: ofMilliseconds(outage),
    total: ofMilliseconds(outage + 2_000 + containers * 120),
    from: 'estimated',
  };
}

/** Pure: what a report that was kept says of a completed run; nothing of any other, nor of what is no report. */
export function pastRunOf(report: unknown): PastRun | undefined {
  const { outcome, outageMs, phases } = (report ?? {}) as Partial<Record<string, unknown>>;
  if (outcome !== 'completed' || typeof outageMs !== 'number' || !Array.isArray(phases)) return undefined;
  const spent = phases.filter(({ phase }) => phase !== 'confirm').map(({ ms }) => Number(ms));
  const totalMs = spent.reduce((sum, ms) => sum + ms, 0);
  return Number.isFinite(totalMs) ? { outageMs, totalMs } : undefined;
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1] ?? 0, sorted[Math.floor(middle)] ?? 0];
  return Math.round((low + high) / 2);
}
