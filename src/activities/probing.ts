import type { Evidence, HostDrivers, Look } from '../drivers/contract.ts';
import type { Plan } from '../plan/plan.ts';
import type { ProbeSample } from '../releases/ledger.ts';
import { found } from './session.ts';

export interface Probed {
  readonly sample: ProbeSample;
  readonly evidence: Evidence;
}

/** Asks every probe of the plan once, and the front door, with the time of each answer. Gates' own targets are asked at the door. */
export async function probeEverything(plan: Plan, drivers: HostDrivers, look: Look): Promise<Probed[]> {
  const inside = plan.targets.flatMap(target =>
    target.probes.map((spec, index) =>
      timed(target.id, `${spec.kind} ${index + 1}`, () => {
        const driver = drivers.of(target.kind);
        return found(driver.probe, 'probe').call(driver, target as never, spec, look);
      }),
    ),
  );
  const door = plan.verify.frontDoor.map(spec =>
    timed('front door', spec.http, () => drivers.frontDoor.probeFrontDoor(spec, look)),
  );
  return Promise.all([...inside, ...door]);
}

async function timed(target: string, probe: string, ask: () => Promise<Evidence>): Promise<Probed> {
  const began = performance.now();
  const evidence = await ask();
  return { sample: { target, probe, answerMs: Math.round(performance.now() - began) }, evidence };
}
