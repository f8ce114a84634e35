import { type RunId, stagedName } from '../../plan/ids.ts';
import type { ContainerTarget } from '../../plan/plan.ts';
import type { TargetState } from '../../plan/run-plan.ts';
import type { Driver, Evidence, Recorded } from '../contract.ts';
import { DriverError } from '../errors.ts';
import { tally } from '../tally.ts';
import { start } from './starting.ts';
import { mustOutliveItsStop, stop } from './stopping.ts';
import { settle, standing, swapBack, swapIn } from './swapping.ts';
import type { Container, World } from './world.ts';

interface Body {
  readonly version: string;
  readonly settings: string;
  readonly policy: string;
  readonly volumes: readonly string[];
  readonly secret?: string;
}

/**
 * Containers of the scripted world: the same verbs, made of the same small effects, as the real ones. What is looked at
 * beside the live one (`checkStaged`, `checkKept`, `isStagedUp`), and what is made again (`remake`), real engines alone show.
 */
export function createScriptedContainers(
  world: World,
): Required<
  Pick<
    Driver<ContainerTarget>,
    'canStage' | 'stage' | 'drop' | 'swapIn' | 'swapBack' | 'settle' | 'stop' | 'start' | 'probe'
  >
> &
  Driver<ContainerTarget> {
  const stateOf = (target: ContainerTarget, c: Container): TargetState => ({
    target: target.id,
    identity: c.id,
    version: c.version,
    settings: c.settings,
    activity: c.activity,
    restartPolicy: c.policy,
    restarts: c.restarts,
    ...(c.removedOnceStopped ? { removedOnceStopped: true } : {}),
    ...(c.started === undefined ? {} : { started: c.started }),
    volumes: c.volumes,
    label: c.version,
  });
  const observe: Driver<ContainerTarget>['observe'] = (target, look) =>
    world.read('observe', target.container, look.signal, () => stateOf(target, world.container(target.container)));

  return {
    observe,
    record: async (target, look): Promise<Recorded> => {
      const state = await observe(target, look);
      mustOutliveItsStop(world, target.container);
      const { version, settings, policy, volumes, secret } = world.container(target.container);
      const body: Body = { version, settings, policy, volumes, ...(secret === undefined ? {} : { secret }) };
      return { state, body };
    },
    canStage: (target, from, look): Promise<Evidence> =>
      world.read('can-stage', target.container, look.signal, () =>
        world.lost.has(from.state.version)
          ? { verdict: 'failed', reason: `image ${from.state.version} is gone` }
          : { verdict: 'passed', reason: `image ${from.state.version} is there` },
      ),
    stage: async (target, from, call) => {
      const name = stagedName(target.container, call.run);
      const effects = tally(call);
      const { id } = await effects.effect(create(world, name, target, from, call.run));
      const { version } = from.body as Body;
      return { ...effects.report(`staged ${version}`, 'already staged'), identity: id };
    },
    drop: async (target, call) => {
      const { names } = standing(world, target, call);
      const effects = tally(call);
      await effects.effect(world.removal(names.staged));
      return effects.report('dropped', 'nothing was staged');
    },
    commits: 'stopped',
    swapIn: (target, call) => swapIn(world, target, call),
    swapBack: (target, call, was) => swapBack(world, target, call, was),
    settle: (target, call) => settle(world, target, call),
    stop: (target, call, hard, only) => stop(world, { name: target.container, hard, only }, call),
    start: (target, call, as, only) => start(world, { name: target.container, as, only }, call),
    probe: (target, _spec, look) =>
      world.read('probe', target.container, look.signal, () => {
        look.progress({ current: `probe ${target.container}` });
        const c = world.container(target.container);
        if (c.activity !== 'running') return { verdict: 'inconclusive', reason: `no answer: it is ${c.activity}` };
        return world.behaviourOf(c.version).healthy
          ? { verdict: 'passed', reason: 'answers' }
          : { verdict: 'failed', reason: 'expected ok, found error' };
      }),
  };
}

/** As the real one: never started, with no policy of its own yet, and it says which it is to replace. */
function create(world: World, name: string, target: ContainerTarget, from: Recorded, run: RunId) {
  const { policy: _set, ...body } = from.body as Body;
  return {
    name: 'create',
    isDone: async () => {
      const found = world.containers.get(name);
      return found?.madeBy === run ? found : undefined;
    },
    act: (signal: AbortSignal) =>
      world.change('create', name, signal, () => {
        if (world.containers.has(name)) throw new DriverError('conflict', `container ${name}: the name is taken`);
        const replaces = world.container(target.container).id;
        const made = {
          id: world.nextId(),
          madeBy: run,
          replaces,
          policy: 'no',
          activity: 'created',
          restarts: 0,
        } as const;
        world.containers.set(name, { ...body, ...made });
      }),
  };
}
