import type { Call, Changed } from '../drivers/contract.ts';
import type { Target } from '../plan/plan.ts';
import type { StepResult } from '../run/step.ts';
import type { StepOrder } from './contract.ts';
import type { Deps } from './deps.ts';
import { mustNotBeLost } from './not-lost.ts';
import { identityOf, remakeWhereGone } from './same-objects.ts';
import { each, found, type Session, withBesides } from './session.ts';
import { findUnrecorded } from './set-aside.ts';
import { whileShut } from './while-shut.ts';

type Swap = (s: Session, target: Target, call: Call) => Promise<Changed>;

const swapEach =
  (swap: Swap) =>
  (deps: Deps) =>
  (order: StepOrder): Promise<StepResult> =>
    whileShut(deps, order, s =>
      each(
        s,
        order.targets,
        id => id,
        async (id, note) => {
          const target = s.target(id);
          const changed = await s.act(id, call => swap(s, target, call));
          return withBesides(note(changed.note), changed.besides);
        },
      ),
    );

/** The commit: names change hands, nothing is destroyed. What somebody changed since it was recorded is set aside with the rest, and named. */
export const swapIn = swapEach(async (s, target, call) => {
  const driver = s.drivers.of(target.kind);
  const changed = await found(driver.swapIn, 'swapIn').call(driver, target as never, call);
  return { ...changed, besides: await findUnrecorded(s, target) };
});

/** Its mirror. What undo kept and has vanished is made again. */
export const swapBack = swapEach(async (s, target, call) => {
  const driver = s.drivers.of(target.kind);
  const was = await identityOf(s, target.id, 'found');
  const changed = await found(driver.swapBack, 'swapBack').call(driver, target as never, call, was);
  if (target.kind === 'docker-volume' && !changed.changed) await mustNotBeLost(s, target, changed);
  const remade = await remakeWhereGone(s, target, call);
  return remade === '' ? changed : { changed: true, note: `${changed.note}; ${remade}` };
});
