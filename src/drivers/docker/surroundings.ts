import { hostname } from 'node:os';
import type Docker from 'dockerode';
import type { Plan } from '../../plan/plan.ts';
import type { Look, Surroundings } from '../contract.ts';
import type { DockerClient } from './client.ts';
import { foretellCompose } from './compose.ts';
import { LABEL } from './labels.ts';
import { listRunning, reaches, shownName } from './mounted-by.ts';
import { findVisitors } from './visitors.ts';

export interface SurroundingsOptions {
  readonly client: DockerClient;
  readonly plan: Pick<Plan, 'targets' | 'gates' | 'accept'>;
}

/**
 * What would reach around a run of this plan. Only what runs now is looked at:
 * - a container that the plan neither lists nor accepts, and that can write a volume or files of the plan;
 * - where there are gates: a published port of a target that is none, or of a container beside the targets in one of
 *   their networks; and a container of either sort that is on the host's own network. A port on loopback counts: who
 *   listens there may let users in. What the plan accepts by name does not count;
 * - a target or gate that this very rollback runs on: Temporal, lastgood's own worker, a claim.
 */
export function createSurroundings({ client, plan }: SurroundingsOptions): Surroundings {
  const targets = new Set(plan.targets.flatMap(target => (target.kind === 'docker' ? [target.container] : [])));
  const gates = new Set(plan.gates.map(gate => gate.container));
  const accepted = new Set(plan.accept.containers);
  const isListed = (name: string) => targets.has(name) || gates.has(name);

  return {
    async findVisitors(look) {
      const running = await listRunning(client, look);
      return findVisitors(
        client,
        running.filter(container => isListed(shownName(container))),
        look,
      );
    },

    foretell: (put, look) => foretellCompose(client, plan, put, look),
    async findStrangers(look) {
      const running = await listRunning(client, look);
      const stores = await storesOf(client, plan, look);
      const listed = running.filter(container => isListed(shownName(container)));
      const networks = new Set(listed.flatMap(networksOf).filter(name => name !== 'host' && name !== 'none'));
      return running.flatMap(container => {
        const name = shownName(container);
        if (isListed(name)) {
          const own = whatRunsUs(container);
          if (own !== undefined) return [`container ${name} ${own}: a run that stops it would stop itself`];
        }
        if (accepted.has(name)) return [];
        const writes = isListed(name) ? [] : stores.filter(store => canWrite(container, store));
        const bypasses =
          gates.size > 0 &&
          !gates.has(name) &&
          (isListed(name) || networksOf(container).some(network => networks.has(network)));
        return [
          ...writes.map(store => `container ${name}, which the plan does not list, can write ${store.what}`),
          ...(bypasses ? openingsOf(container).map(opening => `container ${name} ${opening}, past every gate`) : []),
        ];
      });
    },
  };
}

interface Store {
  readonly what: string;
  readonly volume?: string;
  readonly root: string;
}

async function storesOf(client: DockerClient, plan: Pick<Plan, 'targets'>, look: Look): Promise<Store[]> {
  const stores = plan.targets.map(async (target): Promise<Store[]> => {
    if (target.kind === 'files') return [{ what: target.path, root: target.path }];
    if (target.kind !== 'docker-volume') return [];
    const call = `inspect volume ${target.volume}`;
    const found = await client.find(call, look.signal, docker => docker.getVolume(target.volume).inspect());
    return [{ what: `volume ${target.volume}`, volume: target.volume, root: found?.Mountpoint ?? '' }];
  });
  return (await Promise.all(stores)).flat();
}

const canWrite = (container: Docker.ContainerInfo, store: Store): boolean =>
  container.Mounts.some(
    mount =>
      mount.RW &&
      ((store.volume !== undefined && mount.Name === store.volume) ||
        (mount.Type === 'bind' && store.root !== '' && reaches(mount.Source, store.root))),
  );

const networksOf = (container: Docker.ContainerInfo): string[] =>
  Object.keys(container.NetworkSettings?.Networks ?? {});

function openingsOf(container: Docker.ContainerInfo): string[] {
  if (container.HostConfig.NetworkMode === 'host') return ["is on the host's own network"];
  const ports = container.Ports.filter(({ PublicPort }) => PublicPort !== undefined && PublicPort !== 0);
  return [...new Set(ports.map(({ IP, PublicPort }) => `is published at ${IP ?? '0.0.0.0'}:${PublicPort}`))];
}

function whatRunsUs(container: Docker.ContainerInfo): string | undefined {
  if (/(^|\/)temporalio\//.test(container.Image)) return `is Temporal's own (${container.Image})`;
  if (container.Labels[LABEL.fence] !== undefined) return "is lastgood's claim";
  if (/^[0-9a-f]{12}$/.test(hostname()) && container.Id.startsWith(hostname())) return "is lastgood's own worker";
  return undefined;
}
