import type { Call, Changed } from '../drivers/contract.ts';
import { DriverError } from '../drivers/errors.ts';
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
  const swap = found(driver.swapIn, 'swapIn').call(driver, target as never, call);
  const changed = await swap.catch(error => missing(s, target, error));
  return { ...changed, besides: await findUnrecorded(s, target) };
});

/** Data that is not there to be swapped in may have been, unheard, and what it replaced be gone with it. @throws always */
async function missing(s: Session, target: Target, error: unknown): Promise<never> {
  if (target.kind === 'docker-volume' && error instanceof DriverError && error.kind === 'missing')
    await mustNotBeLost(s, target, { changed: false, note: '', nothingBeside: true });
  throw error;
}

/** Its mirror. What undo kept and has vanished is made again. */
export const swapBack = swapEach(async (s, target, call) => {
  const driver = s.drivers.of(target.kind);
  const was = await identityOf(s, target.id, 'found');
  const changed = await found(driver.swapBack, 'swapBack').call(driver, target as never, call, was);
  if (target.kind === 'docker-volume' && !changed.changed) await mustNotBeLost(s, target, changed);
  const remade = await remakeWhereGone(s, target, call);
  return remade === '' ? changed : { changed: true, note: `${changed.note}; ${remade}` };
});
