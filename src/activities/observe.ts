import type { HostDrivers, Look } from '../drivers/contract.ts';
import type { Plan, Target } from '../plan/plan.ts';
import type { TargetState } from '../plan/run-plan.ts';
import { gateTarget } from './session.ts';

/** Looks at every target, and at the gates' own containers, side by side. Changes nothing. @throws DriverError */
export async function observeAll(plan: Plan, drivers: HostDrivers, look: Look): Promise<TargetState[]> {
  const states = await Promise.all(
    [...plan.targets, ...extraGates(plan)].map(target => drivers.of(target.kind).observe(target as never, look)),
  );
  look.progress({ current: 'observed', done: states.length, total: states.length });
  return states;
}

/** Gates that are no target of the plan. */
export const extraGates = (plan: Plan): Target[] =>
  plan.gates.filter(gate => gate.target === undefined).map(gate => gateTarget(plan, gate.name));
