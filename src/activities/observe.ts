import type { HostDrivers, Look } from '../drivers/contract.ts';
import type { Plan, Target } from '../plan/plan.ts';
import type { TargetState } from '../plan/run-plan.ts';
import { gateTarget } from './session.ts';

/** Looks at every target, and at the gates' own containers, side by side. Changes nothing. @throws DriverError */
export async function observeAll(plan: Plan, drivers: HostDrivers, look: Look): Promise<TargetState[]> {
  const targets = [...plan.targets, ...extraGates(plan)];
  let done = 0;
  return Promise.all(
    targets.map(async target => {
      const state = await drivers.of(target.kind).observe(target as never, look);
      done += 1;
      // Each answer is a sign of life: an engine that is slow with many is not one that is silent.
      look.progress({ current: target.id, done, total: targets.length });
      return state;
    }),
  );
}

/** Gates that are no target of the plan. */
export const extraGates = (plan: Plan): Target[] =>
  plan.gates.filter(gate => gate.target === undefined).map(gate => gateTarget(plan, gate.name));
