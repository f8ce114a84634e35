import type { PlatformName, RunHash, RunId } from '../plan/ids.ts';
import type { RunPlan } from '../plan/run-plan.ts';
import type { PastRun } from '../run/forecast.ts';

/** What a worker keeps of its runs: the RunPlans, by their content, and the reports. */
export interface RunStore {
  /** Writes it durably under its own hash. */
  keep(plan: RunPlan): Promise<RunHash>;
  /** @throws DriverError missing | corrupt (its content is not its name's) */
  load(hash: RunHash): Promise<RunPlan>;
  /** Of the same content, without writing. */
  hashOf(plan: RunPlan): RunHash;
  /** What the newest completed runs of the platform took, `most` of them at most. A report that cannot be read is left out. */
  past(platform: PlatformName, most: number): Promise<readonly PastRun[]>;
  writeReport(platform: PlatformName, run: RunId, report: unknown): Promise<void>;
}
