import type { Driver, Engine, Evidence, HostDrivers, Look } from '../drivers/contract.ts';
import { addressOf } from '../drivers/docker/address.ts';
import { connect, type DockerClient } from '../drivers/docker/client.ts';
import { createContainerDriver } from '../drivers/docker/containers.ts';
import { createDockerEngine } from '../drivers/docker/engine.ts';
import { createStopGate } from '../drivers/docker/gate.ts';
import { createSurroundings } from '../drivers/docker/surroundings.ts';
import { createVolumeDriver } from '../drivers/docker/volumes.ts';
import { DriverError } from '../drivers/errors.ts';
import { createFilesDriver } from '../drivers/files/driver.ts';
import { countSql } from '../drivers/postgres/count.ts';
import { probe } from '../drivers/probes.ts';
import type { ResolveSecret } from '../drivers/secrets.ts';
import type { EngineId } from '../plan/ids.ts';
import type { Plan, Target } from '../plan/plan.ts';

export interface DockerHostOptions {
  readonly fingerprint: (text: string) => string;
  readonly resolve: ResolveSecret;
  /** Takes an engine for this process, once. @throws DriverError conflict when another process serves it */
  own(engine: EngineId): Promise<void>;
}

/** One plan's drivers on its Docker engine, one connection an engine. */
export function createDockerHosts({ fingerprint, resolve, own }: DockerHostOptions): (plan: Plan) => HostDrivers {
  const clients = new Map<string, { client: DockerClient; engine: HostDrivers['engine'] }>();
  const hosts = new Map<string, HostDrivers>();

  const engineOf = (address: string) => {
    const known = clients.get(address);
    if (known !== undefined) return known;
    const client = connect(address);
    const made = { client, engine: ownedBy(own, createDockerEngine(client)) };
    clients.set(address, made);
    return made;
  };

  return plan => {
    const known = hosts.get(plan.digest);
    if (known !== undefined) return known;
    const { client, engine } = engineOf(plan.hosts[0]?.docker ?? 'unix:///var/run/docker.sock');
    const targets = new Set(plan.targets.flatMap(target => (target.kind === 'docker' ? [target.container] : [])));
    const accepted = new Set(plan.accept.containers);
    const containers = createContainerDriver({
      client,
      fingerprint,
      roleOf: name => (targets.has(name) ? 'target' : accepted.has(name) ? 'accepted' : undefined),
      files: plan.targets.flatMap(target => (target.kind === 'files' ? [target.path] : [])),
    });
    const drivers = {
      docker: {
        ...containers,
        probe: async (target, spec, look) => {
          const host = await whereItAnswers(client, target.container, look);
          return typeof host === 'string' ? probe({ host }, spec, resolve, look) : host;
        },
      } satisfies Driver<Extract<Target, { kind: 'docker' }>>,
      'docker-volume': createVolumeDriver({
        client,
        fingerprint,
        plan,
        countSql: (count, look) => countSql(count, resolve, look),
      }),
      files: createFilesDriver({ fingerprint }),
    };
    const made: HostDrivers = {
      engine,
      gate: createStopGate(client),
      frontDoor: { probeFrontDoor: (spec, look) => probe(undefined, spec, resolve, look) },
      surroundings: createSurroundings({ client, plan }),
      of: <K extends Target['kind']>(kind: K) => drivers[kind] as unknown as Driver<Extract<Target, { kind: K }>>,
    };
    hosts.set(plan.digest, made);
    return made;
  };
}

/** What is down or gone cannot be asked: that is an answer, of no weight. An engine that cannot be reached is none. */
async function whereItAnswers(client: DockerClient, container: string, look: Look): Promise<string | Evidence> {
  try {
    return await addressOf(client, container, look);
  } catch (error) {
    if (!(error instanceof DriverError) || error.kind === 'unavailable') throw error;
    return { verdict: 'inconclusive', reason: error.message };
  }
}

/** Whoever learns which engine it is has taken it: nothing acts on an engine that another process serves. */
const ownedBy = (own: DockerHostOptions['own'], engine: Engine): Engine => ({
  ...engine,
  identify: async look => {
    const id = await engine.identify(look);
    await own(id);
    return id;
  },
});
