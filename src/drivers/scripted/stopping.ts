import type { Call, Changed } from '../contract.ts';
import { DriverError } from '../errors.ts';
import { type Tally, tally } from '../tally.ts';
import type { Container, World } from './world.ts';

interface StopOrder {
  readonly name: string;
  /** Whether it may be killed. */
  readonly hard: boolean;
  /** The id that it must have. */
  readonly only?: string | undefined;
}

/** Its policy goes first, so that stopped means it stays stopped. */
export async function stop(world: World, { name, hard, only }: StopOrder, call: Call): Promise<Changed> {
  const { id, version } = world.same(name, only);
  mustOutliveItsStop(world, name);
  const effects = tally(call);
  await givePolicy(world, { id, name, policy: 'no', effect: 'set-policy-aside' }, effects);
  const stubborn = world.behaviourOf(version).ignoresStop;
  const down = (label: string, kills: boolean) =>
    effects.effect({
      name: label,
      isDone: async () => !isUp(world.same(name, id)) || undefined,
      act: signal =>
        world.change('stop', name, signal, () => {
          call.progress({ current: name });
          if (stubborn && !kills)
            throw new StillUp('refused', `container ${name} did not stop in its grace, and may not be killed`);
          world.same(name, id).activity = 'exited';
        }),
    });
  try {
    await down('stop', false);
  } catch (error) {
    if (!(error instanceof StillUp && hard)) throw error;
    await down('kill', true);
  }
  return effects.report('stopped', 'already stopped');
}

class StillUp extends DriverError {}

export const isUp = ({ activity }: Container): boolean => activity !== 'exited' && activity !== 'created';

export function mustOutliveItsStop(world: World, name: string): void {
  if (world.container(name).removedOnceStopped)
    throw new DriverError('refused', `container ${name} is removed as soon as it stops: there would be no way back`);
}

interface PolicyOrder {
  readonly id: string;
  readonly name: string;
  readonly policy: string;
  readonly effect: string;
}

export async function givePolicy(world: World, order: PolicyOrder, effects: Pick<Tally, 'effect'>): Promise<void> {
  const { id, name, policy, effect } = order;
  await effects.effect({
    name: effect,
    isDone: async () => world.same(name, id).policy === policy || undefined,
    act: signal =>
      world.change('set-policy', name, signal, () => {
        world.same(name, id).policy = policy;
      }),
  });
}
