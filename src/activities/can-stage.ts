import type { Look, Recorded } from '../drivers/contract.ts';
import { DriverError } from '../drivers/errors.ts';
import { isSwapped, type PlannedTarget, type RunPlan } from '../plan/run-plan.ts';
import type { Deps } from './deps.ts';
import { noRoomForCaptures } from './room-for-captures.ts';
import { found } from './session.ts';

/** Asks every driver whether its target could be staged, and whether there is room for what will be captured. @throws DriverError refused, with every reason at once */
export async function canBeStaged(deps: Deps, runPlan: RunPlan, look: Look): Promise<void> {
  const { plan } = runPlan;
  const drivers = deps.drivers(plan);
  const wanted = runPlan.targets.filter(isSwapped);
  const answers = await Promise.all(
    wanted.map(async planned => {
      const target = found(
        plan.targets.find(one => one.id === planned.target),
        planned.target,
      );
      const driver = drivers.of(target.kind);
      const evidence = await found(driver.canStage, 'stage').call(
        driver,
        target as never,
        await recordedOf(deps, runPlan, planned),
        look,
      );
      look.progress({ current: planned.target });
      return evidence.verdict === 'passed' ? [] : [`${planned.target}: ${evidence.reason}`];
    }),
  );
  const faults = [...answers.flat(), ...(await noRoomForCaptures(deps, runPlan, look))];
  if (faults.length > 0) throw new DriverError('refused', faults.join('; '));
}

/** What the release holds of a target: secret, and loaded only where it is used. */
export const recordedOf = (deps: Deps, runPlan: RunPlan, planned: PlannedTarget): Promise<Recorded> =>
  deps.ledger.load(runPlan.plan.platform, runPlan.release, planned.target);
