import type { Call, Changed } from '../drivers/contract.ts';
import type { StepResult } from '../run/step.ts';
import type { StepOrder } from './contract.ts';
import type { Deps } from './deps.ts';
import { eachTarget } from './each-target.ts';
import { found } from './session.ts';

type Swap = 'swapIn' | 'swapBack';

/** The commit, and its mirror: names change hands, nothing is destroyed. */
const swap =
  (verb: Swap) =>
  (deps: Deps) =>
  (order: StepOrder): Promise<StepResult> =>
    eachTarget(deps, order, (s, target, call) => {
      const driver = s.drivers.of(target.kind);
      const act = found(driver[verb], verb) as (target: unknown, call: Call) => Promise<Changed>;
      return act.call(driver, target, call);
    });

export const swapIn = swap('swapIn');
export const swapBack = swap('swapBack');
