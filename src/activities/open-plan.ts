import { DriverError } from '../drivers/errors.ts';
import type { HostName } from '../plan/ids.ts';
import { failed } from '../run/step.ts';
import { readPlan } from './compute.ts';
import type { OfficeActivities } from './contract.ts';
import type { Deps } from './deps.ts';

/** Reads the worker's own plan of a platform, and says which host's queue its engine is served on. */
export const openPlan =
  (deps: Deps): OfficeActivities['openPlan'] =>
  async platform => {
    try {
      const plan = await readPlan(deps, platform);
      const { heartbeat } = deps;
      const host = plan.hosts[0]?.name ?? ('main' as HostName);
      return { verdict: 'passed', host, ...(heartbeat === undefined ? {} : { heartbeat }) };
    } catch (error) {
      if (!(error instanceof DriverError)) throw error;
      return { verdict: 'failed', result: failed(error.message, error.next) };
    }
  };
