import type { TargetState } from '../../plan/run-plan.ts';
import type { Call, Changed } from '../contract.ts';
import { DriverError } from '../errors.ts';
import { tally } from '../tally.ts';
import { givePolicy, isUp } from './stopping.ts';
import type { World } from './world.ts';

interface StartOrder {
  readonly name: string;
  readonly as: TargetState;
  /** The id that it must have. */
  readonly only?: string | undefined;
}

/** One that was not running stays down, with its own policy, for that is how it was. */
export async function start(world: World, { name, as, only }: StartOrder, call: Call): Promise<Changed> {
  const { id, started: before } = world.same(name, only);
  const effects = tally(call);
  const policy = { id, name, policy: as.restartPolicy ?? 'no', effect: 'give-policy-back' };
  if (as.activity === 'exited' || as.activity === 'created') {
    await givePolicy(world, policy, effects);
    return effects.report('was not running, stays down', 'was not running, stays down');
  }
  await effects.effect({
    name: 'start',
    // What ended by itself was started all the same.
    isDone: async () => {
      const now = world.same(name, id);
      return isUp(now) || now.started !== before || undefined;
    },
    mark: async () => world.same(name, id).started ?? '',
    act: signal =>
      world.change('start', name, signal, () => {
        const c = world.same(name, id);
        const how = world.behaviourOf(c.version);
        if (!how.starts) throw new DriverError('refused', `container ${name}: it does not start`);
        c.activity = how.loops ? 'looping' : 'running';
        c.restarts = how.loops ? 9 : 0;
        c.started = world.nextId();
      }),
  });
  if (as.restartPolicy !== undefined) await givePolicy(world, policy, effects);
  return effects.report('started', 'already running');
}
