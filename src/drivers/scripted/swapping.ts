import { outgoingName, stagedName } from '../../plan/ids.ts';
import type { ContainerTarget } from '../../plan/plan.ts';
import type { Call, Changed } from '../contract.ts';
import { DriverError } from '../errors.ts';
import { type Tally, tally } from '../tally.ts';
import { isUp } from './stopping.ts';
import { type Container, madeAgain, type World } from './world.ts';

/** Live -> outgoing, staged -> live: as the real ones, by id, and refused where a name is somebody else's. */
export async function swapIn(world: World, target: ContainerTarget, call: Call): Promise<Changed> {
  const { names, live, outgoing, made } = standing(world, target, call);
  if (made?.replaces === undefined) throw gone(names.staged);
  const { replaces } = made;
  if (live !== undefined && live.id !== replaces && live.id !== made.id) throw madeAgain(names.live, live, replaces);
  if (live === undefined && outgoing === undefined) throw gone(names.live);
  if (live?.id === replaces) mustBeDown(live, names.live);
  const effects = tally(call);
  await rename(world, replaces, { effect: 'set-aside', from: names.live, to: names.outgoing }, effects);
  await rename(world, made.id, { effect: 'bring-in', from: names.staged, to: names.live }, effects);
  return effects.report('swapped in', 'already swapped in');
}

/** @param was the id of the one that was found */
export async function swapBack(world: World, target: ContainerTarget, call: Call, was?: string): Promise<Changed> {
  const { names, live, outgoing, made } = standing(world, target, call);
  const effects = tally(call);
  if (outgoing === undefined && (live === undefined || live.id !== made?.id))
    return effects.report('', 'was not swapped');
  // The real one makes what is gone again, from its record.
  if (outgoing === undefined) throw gone(names.outgoing);
  if (live !== undefined && live.id !== made?.id) throw madeAgain(names.live, live, made?.id ?? was ?? '');
  if (live !== undefined) mustBeDown(live, names.live);
  if (made !== undefined)
    await rename(world, made.id, { effect: 'take-out', from: names.live, to: names.staged }, effects);
  await rename(world, outgoing.id, { effect: 'put-back', from: names.outgoing, to: names.live }, effects);
  return effects.report('swapped back', 'already swapped back');
}

export async function settle(world: World, target: ContainerTarget, call: Call): Promise<Changed> {
  const { names, live, outgoing } = standing(world, target, call);
  const effects = tally(call);
  if (outgoing !== undefined && live === undefined) throw gone(names.live);
  if (outgoing !== undefined) mustBeDown(outgoing, names.outgoing);
  await effects.effect(world.removal(names.outgoing));
  return effects.report('settled', 'nothing was kept');
}

/** What stands under the three names of a target in one run. */
export function standing(world: World, { container }: ContainerTarget, { run }: Call) {
  const names = { live: container, staged: stagedName(container, run), outgoing: outgoingName(container, run) };
  const live = world.containers.get(names.live);
  const staged = world.containers.get(names.staged);
  if (staged !== undefined && staged.madeBy !== run)
    throw new DriverError('conflict', `the name ${names.staged} is taken by ${staged.id}, not made by this run`, {
      foreign: true,
    });
  const made = staged ?? (live?.madeBy === run ? live : undefined);
  return { names, live, outgoing: world.containers.get(names.outgoing), made };
}

async function rename(
  world: World,
  id: string,
  how: { readonly effect: string; readonly from: string; readonly to: string },
  effects: Tally,
): Promise<void> {
  await effects.effect({
    name: how.effect,
    isDone: async () => {
      const name = world.nameOf(id);
      if (name === undefined) throw gone(how.from);
      if (name === how.to) return true;
      if (name !== how.from)
        throw new DriverError('conflict', `container ${id} is now ${name}: expected ${how.from}`, { foreign: true });
      return undefined;
    },
    act: signal =>
      world.change('rename', how.from, signal, () => {
        const moving = world.container(how.from);
        if (world.containers.has(how.to)) throw new DriverError('conflict', `container ${how.to}: the name is taken`);
        world.containers.delete(how.from);
        world.containers.set(how.to, moving);
      }),
  });
}

const gone = (name: string): DriverError =>
  new DriverError('missing', `container ${name} is no longer there`, { foreign: true });

function mustBeDown(found: Container, name: string): void {
  if (isUp(found))
    throw new DriverError('refused', `container ${name} is running: it is swapped only once it is stopped`, {
      foreign: true,
    });
}
