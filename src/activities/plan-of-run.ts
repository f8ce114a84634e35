import type { PlatformName, RunHash } from '../plan/ids.ts';
import type { Plan } from '../plan/plan.ts';
import { readPlan } from './compute.ts';
import type { Deps } from './deps.ts';

/**
 * The plan that a run was admitted with: whoever edits the file meanwhile changes the next run, and cannot take this one's
 * engine or its people away. The file is the next best where the worker does not have the RunPlan, and for a run that has none.
 * @throws DriverError when neither can be had
 */
export async function planOfRun(deps: Deps, platform: PlatformName, hash: string | undefined): Promise<Plan> {
  if (hash === undefined || hash === '') return readPlan(deps, platform);
  try {
    return (await deps.runs.load(hash as RunHash)).plan;
  } catch (lost) {
    return readPlan(deps, platform).catch(() => Promise.reject(lost));
  }
}
