import type { PlatformName, RunHash, RunId } from '../plan/ids.ts';
import type { RunPlan } from '../plan/run-plan.ts';

/** What a worker keeps of its runs: the RunPlans, by their content, and the reports. */
export interface RunStore {
  /** Writes it durably under its own hash. */
  keep(plan: RunPlan): Promise<RunHash>;
  /** @throws DriverError missing | corrupt (its content is not its name's) */
  load(hash: RunHash): Promise<RunPlan>;
  /** Of the same content, without writing. */
  hashOf(plan: RunPlan): RunHash;
  writeReport(platform: PlatformName, run: RunId, report: unknown): Promise<void>;
}
