import type { Call, Changed } from '../drivers/contract.ts';
import type { Target } from '../plan/plan.ts';
import type { StepResult } from '../run/step.ts';
import type { StepOrder } from './contract.ts';
import type { Deps } from './deps.ts';
import { inSession } from './refusing.ts';
import { each, type Session, withBesides } from './session.ts';

/** One driver verb on every target of the order, side by side, each through the executor. */
export const eachTarget = (
  deps: Deps,
  order: StepOrder,
  verb: (s: Session, target: Target, call: Call) => Promise<Changed>,
): Promise<StepResult> =>
  inSession(deps, order, s =>
    each(
      s,
      order.targets,
      id => id,
      async (id, note) => {
        const target = s.target(id);
        const changed = await s.act(id, call => verb(s, target, call));
        return withBesides(note(changed.note), changed.besides);
      },
    ),
  );
