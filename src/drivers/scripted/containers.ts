import { outgoingName, stagedName } from '../../plan/ids.ts';
import type { ContainerTarget } from '../../plan/plan.ts';
import type { TargetState } from '../../plan/run-plan.ts';
import type { Call, Changed, Driver, Evidence, Recorded } from '../contract.ts';
import { DriverError } from '../errors.ts';
import type { Container, World } from './world.ts';

interface Body {
  readonly version: string;
  readonly settings: string;
  readonly policy: string;
  readonly volumes: readonly string[];
  readonly secret?: string;
}

/** Containers of the scripted world: the same verbs, made of the same small effects, as the real ones. */
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
      world.read('can-stage', target.container, look.signal, () => ({
        verdict: 'passed',
        reason: `image ${from.state.version} is there`,
      })),
    stage: async (target, from, call) => {
      const name = stagedName(target.container, call.run);
      const { policy: _set, ...body } = from.body as Body;
      await create(world, name, { ...body, madeBy: call.run }, call);
      return { changed: true, note: `staged ${body.version}` };
    },
    drop: (target, call) => remove(world, stagedName(target.container, call.run), call, 'dropped'),
    commits: 'stopped',
    swapIn: async (target, call) => {
      const { container } = target;
      await rename(world, container, outgoingName(container, call.run), call, 'set-aside');
      await rename(world, stagedName(container, call.run), container, call, 'bring-in');
      return { changed: true, note: 'swapped in' };
    },
    swapBack: async (target, call) => {
      const { container } = target;
      if (world.containers.has(outgoingName(container, call.run))) {
        if (!world.containers.has(stagedName(container, call.run)))
          await rename(world, container, stagedName(container, call.run), call, 'take-out');
        await rename(world, outgoingName(container, call.run), container, call, 'put-back');
      }
      return { changed: true, note: 'swapped back' };
    },
    settle: (target, call) => remove(world, outgoingName(target.container, call.run), call, 'settled'),
    stop: (target, call, hard) => stop(world, target.container, call, hard),
    start: (target, call, as) => start(world, target.container, call, as),
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

async function create(
  world: World,
  name: string,
  body: Omit<Body, 'policy'> & { madeBy: string },
  call: Call,
): Promise<void> {
  await call.effect({
    name: 'create',
    isDone: async () => world.containers.get(name)?.madeBy === call.run || undefined,
    act: signal =>
      world.change('create', name, signal, () => {
        if (world.containers.has(name)) throw new DriverError('conflict', `container ${name}: the name is taken`);
        world.containers.set(name, { ...body, id: world.nextId(), policy: 'no', activity: 'created', restarts: 0 });
      }),
  });
}

async function remove(world: World, name: string, call: Call, note: string): Promise<Changed> {
  const there = world.containers.has(name);
  await call.effect({
    name: 'remove',
    isDone: async () => !world.containers.has(name) || undefined,
    act: signal => world.change('remove', name, signal, () => void world.containers.delete(name)),
  });
  return { changed: there, note };
}

async function rename(world: World, from: string, to: string, call: Call, effect: string): Promise<void> {
  await call.effect({
    name: effect,
    isDone: async () =>
      (world.containers.has(to) && !world.containers.has(from)) ||
      (effect !== 'put-back' && world.containers.has(to)) ||
      undefined,
    act: signal =>
      world.change('rename', from, signal, () => {
        const moving = world.container(from);
        if (world.containers.has(to)) throw new DriverError('conflict', `container ${to}: the name is taken`);
        world.containers.delete(from);
        world.containers.set(to, moving);
      }),
  });
}

export async function setPolicy(world: World, name: string, policy: string, call: Call, effect: string): Promise<void> {
  await call.effect({
    name: effect,
    isDone: async () => world.container(name).policy === policy || undefined,
    act: signal =>
      world.change('set-policy', name, signal, () => {
        world.container(name).policy = policy;
      }),
  });
}

function mustOutliveItsStop(world: World, name: string): void {
  if (world.container(name).removedOnceStopped)
    throw new DriverError('refused', `container ${name} is removed as soon as it stops: there would be no way back`);
}

const isDown = (c: Container): boolean => c.activity === 'exited' || c.activity === 'created';

export async function stop(world: World, name: string, call: Call, hard: boolean): Promise<Changed> {
  const was = world.container(name);
  mustOutliveItsStop(world, name);
  if (isDown(was) && was.policy === 'no') return { changed: false, note: 'already stopped' };
  await setPolicy(world, name, 'no', call, 'set-policy-aside');
  const stubborn = world.behaviourOf(was.version).ignoresStop;
  const effect = async (label: string, kills: boolean): Promise<void> => {
    await call.effect({
      name: label,
      isDone: async () => isDown(world.container(name)) || undefined,
      act: signal =>
        world.change('stop', name, signal, () => {
          if (stubborn && !kills)
            throw new DriverError(
              'refused',
              `container ${name} did not stop in its grace, and stores are never killed`,
            );
          world.container(name).activity = 'exited';
        }),
    });
  };
  try {
    await effect('stop', false);
  } catch (error) {
    if (!(stubborn && hard)) throw error;
    await effect('kill', true);
  }
  return { changed: true, note: 'stopped' };
}

export async function start(world: World, name: string, call: Call, as: TargetState): Promise<Changed> {
  if (as.activity === 'exited' || as.activity === 'created') {
    // It stays down with its own policy, for that is how it was.
    await setPolicy(world, name, as.restartPolicy ?? 'no', call, 'give-policy-back');
    return { changed: false, note: 'was not running, stays down' };
  }
  await call.effect({
    name: 'start',
    isDone: async () =>
      world.container(name).activity === 'running' || world.container(name).activity === 'looping' || undefined,
    act: signal =>
      world.change('start', name, signal, () => {
        const c = world.container(name);
        const how = world.behaviourOf(c.version);
        if (!how.starts) throw new DriverError('refused', `container ${name}: it does not start`);
        c.activity = how.loops ? 'looping' : 'running';
        c.restarts = how.loops ? 9 : 0;
        c.started = world.nextId();
      }),
  });
  if (as.restartPolicy !== undefined) await setPolicy(world, name, as.restartPolicy, call, 'give-policy-back');
  return { changed: true, note: 'started' };
}
