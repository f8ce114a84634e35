import type { EngineId, RunId } from '../../plan/ids.ts';
import type { Target } from '../../plan/plan.ts';
import type { Driver, Engine, FrontDoor, Gate, HostDrivers, Owner, Surroundings } from '../contract.ts';
import { DriverError } from '../errors.ts';
import { createScriptedContainers } from './containers.ts';
import { createScriptedFiles } from './files.ts';
import { start } from './starting.ts';
import { isUp, stop } from './stopping.ts';
import { createScriptedVolumes } from './volumes.ts';
import type { World } from './world.ts';

/** All drivers of one scripted world, as a worker wires them. */
export function createScriptedHost(world: World): HostDrivers {
  const drivers = {
    docker: createScriptedContainers(world),
    'docker-volume': createScriptedVolumes(world),
    files: createScriptedFiles(world),
  };
  return {
    engine: createScriptedEngine(world),
    gate: createScriptedGate(world),
    frontDoor: createScriptedFrontDoor(world),
    surroundings: createScriptedSurroundings(world),
    of: <K extends Target['kind']>(kind: K) => drivers[kind] as unknown as Driver<Extract<Target, { kind: K }>>,
  };
}

function createScriptedEngine(world: World): Engine {
  return {
    identify: look => world.read('identify', '*', look.signal, () => world.engineId as EngineId),
    findOwner: (platform, look) =>
      world.read('find-owner', platform, look.signal, () => {
        const claim = world.claims.get(platform);
        return claim === undefined ? undefined : { platform, run: claim.run as RunId, fence: claim.fence };
      }),
    async claim(owner, look, over) {
      const isOurs = (): boolean => isSame(world.claims.get(owner.platform), owner);
      const act = (): void => {
        const held = world.claims.get(owner.platform);
        if (isOurs()) return;
        const mayReplace = (held?.run === owner.run || held?.run === over) && owner.fence > (held?.fence ?? 0);
        if (held !== undefined && !mayReplace)
          throw new DriverError('conflict', `${owner.platform} is held by run ${held.run} (fence ${held.fence})`);
        const at = Date.now();
        if (held !== undefined && held.run !== owner.run) world.claimed.push({ at, run: held.run, action: 'released' });
        if (held?.run !== owner.run) world.claimed.push({ at, run: owner.run, action: 'claimed' });
        world.claims.set(owner.platform, { run: owner.run, fence: owner.fence });
      };
      // As with a real engine: a claim that was refused, or not answered, may stand all the same.
      const failure = await world.alter('claim', owner.platform, look.signal, act).then(
        () => new DriverError('unavailable', `claim ${owner.platform}: reported done, and is not there`),
        error => error as DriverError,
      );
      if (look.signal.aborted || !isOurs()) throw failure;
    },
    async unclaim(owner, look) {
      await world.alter('unclaim', owner.platform, look.signal, () => {
        if (!isSame(world.claims.get(owner.platform), owner)) return;
        world.claims.delete(owner.platform);
        world.claimed.push({ at: Date.now(), run: owner.run, action: 'released' });
      });
      if (isSame(world.claims.get(owner.platform), owner))
        throw new DriverError('unavailable', `unclaim ${owner.platform}: reported done, and it is still there`);
    },
  };
}

const isSame = (held: { run: string; fence: number } | undefined, owner: Owner): boolean =>
  held?.run === owner.run && held.fence === owner.fence;

/** A gate is open while its container runs. */
function createScriptedGate(world: World): Gate {
  return {
    shut: (gate, call, only) => stop(world, { name: gate.container, hard: true, only }, call),
    open: (gate, call, as, only) => start(world, { name: gate.container, as, only }, call),
    isShut: (gate, look) =>
      world.read('shut-seen', gate.container, look.signal, () => {
        look.progress({ current: `look at ${gate.name}` });
        const beside = world.beside.get(gate.container);
        if (isUp(world.container(gate.container)) || beside === 'answers')
          return { verdict: 'failed', reason: 'it answers' };
        return beside === 'keeps silent'
          ? { verdict: 'inconclusive', reason: 'no answer' }
          : { verdict: 'passed', reason: 'refused' };
      }),
  };
}

function createScriptedFrontDoor(world: World): FrontDoor {
  return {
    probeFrontDoor: (spec, look) =>
      world.read('front-door', spec.kind, look.signal, () => {
        look.progress({ current: 'front door' });
        return world.frontDoor();
      }),
  };
}

const createScriptedSurroundings = (world: World): Surroundings => ({
  findStrangers: look => world.read('strangers', '*', look.signal, () => world.strangers),
});
