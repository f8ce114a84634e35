import type { EngineId, RunId } from '../../plan/ids.ts';
import type { Target } from '../../plan/plan.ts';
import type { Driver, Engine, FrontDoor, Gate, HostDrivers, Surroundings } from '../contract.ts';
import { DriverError } from '../errors.ts';
import { createScriptedContainers, start, stop } from './containers.ts';
import { createScriptedFiles } from './files.ts';
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
    claim: (owner, look, over) =>
      world.read('claim', owner.platform, look.signal, () => {
        const held = world.claims.get(owner.platform);
        if (held !== undefined && held.run !== owner.run && held.run !== over) {
          throw new DriverError('conflict', `${owner.platform} is held by run ${held.run}`);
        }
        const at = Date.now();
        if (held !== undefined && held.run !== owner.run) world.claimed.push({ at, run: held.run, action: 'released' });
        if (held?.run !== owner.run) world.claimed.push({ at, run: owner.run, action: 'claimed' });
        world.claims.set(owner.platform, { run: owner.run, fence: owner.fence });
      }),
    unclaim: (owner, look) =>
      world.read('unclaim', owner.platform, look.signal, () => {
        if (world.claims.get(owner.platform)?.run !== owner.run) return;
        world.claims.delete(owner.platform);
        world.claimed.push({ at: Date.now(), run: owner.run, action: 'released' });
      }),
  };
}

/** A gate is open while its container runs. */
function createScriptedGate(world: World): Gate {
  return {
    shut: (gate, call) => stop(world, gate.container, call, true),
    open: (gate, call, as) => start(world, gate.container, call, as),
    isShut: (gate, look) =>
      world.read('shut-seen', gate.container, look.signal, () => {
        look.progress({ current: `look at ${gate.name}` });
        const { activity } = world.container(gate.container);
        return activity === 'running' || activity === 'looping'
          ? { verdict: 'failed', reason: 'it answers' }
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
