import type { Call, Changed } from '../drivers/contract.ts';
import type { StepResult } from '../run/step.ts';
import type { StepOrder } from './contract.ts';
import type { Deps } from './deps.ts';
import { inSession } from './refusing.ts';
import { each, found } from './session.ts';

type Swap = 'swapIn' | 'swapBack';

/** The commit, and its mirror: names change hands, nothing is destroyed. */
const swap =
  (verb: Swap) =>
  (deps: Deps) =>
  (order: StepOrder): Promise<StepResult> =>
    inSession(deps, order, async s => {
      return each(
        s,
        order.targets,
        id => id,
        async (id, note) => {
          const target = s.target(id);
          const driver = s.drivers.of(target.kind);
          const act = found(driver[verb], verb) as (target: unknown, call: Call) => Promise<Changed>;
          const changed = await s.act(id, call => act.call(driver, target, call));
          return note(changed.note);
        },
      );
    });

export const swapIn = swap('swapIn');
export const swapBack = swap('swapBack');
