import type { HostDrivers, Look } from '../drivers/contract.ts';
import { DriverError } from '../drivers/errors.ts';
import { beforeRelease, type RunId } from '../plan/ids.ts';
import type { Plan, Target } from '../plan/plan.ts';
import type { Deps } from './deps.ts';
import type { Session } from './session.ts';

/** Where what a run set aside is to be found, and under whose name. */
interface Aside {
  readonly deps: Pick<Deps, 'ledger'>;
  readonly plan: Plan;
  readonly drivers: HostDrivers;
  readonly objectsOf: RunId;
  readonly look: Look;
}

/**
 * Before what lies aside is dropped: it must be what the run recorded of it before it touched anything. What somebody
 * changed in between is in no record.
 * @throws DriverError refused, saying where it lies
 */
export async function mustBeRecorded({ deps, plan, drivers, objectsOf, look }: Aside, target: Target): Promise<void> {
  const driver = drivers.of(target.kind);
  if (driver.mustBeRecorded === undefined) return;
  const recorded = await deps.ledger.load(plan.platform, beforeRelease(objectsOf), target.id);
  await driver.mustBeRecorded(target as never, objectsOf, recorded, look);
}

/** What people are to hear of a target that was just set aside; empty where it is as recorded. Nothing is dropped by this look. */
export const findUnrecorded = (s: Session, target: Target): Promise<string> =>
  mustBeRecorded(s, target).then(
    () => '',
    error => {
      if (error instanceof DriverError) return error.message;
      throw error;
    },
  );
