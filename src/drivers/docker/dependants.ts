import type { Look } from '../contract.ts';
import type { DockerClient } from './client.ts';
import { findContainer, type Inspection, nameOf } from './inspection.ts';
import { referencesOf } from './request.ts';

export interface Dependant {
  readonly name: string;
  /** `shares the network of`, `mounts the volumes of`, `is linked to`. */
  readonly how: string;
  /** It cannot be started again once the other was made anew: it holds on to that container's id. */
  readonly isBound: boolean;
}

/** Containers, running or not, that hold on to this one. */
export async function findDependants(client: DockerClient, provider: Inspection, look: Look): Promise<Dependant[]> {
  const all = await client.ask('list containers', look.signal, docker => docker.listContainers({ all: true }));
  const others = all.filter(({ Id }) => Id !== provider.Id);
  const inspected = await Promise.all(others.map(({ Id }) => findContainer(client, Id, look)));
  return inspected.flatMap(other => (other === undefined ? [] : dependence(other, provider)));
}

function dependence(other: Inspection, provider: Inspection): Dependant[] {
  const isProvider = (reference: string | undefined) => reference === provider.Id || reference === nameOf(provider);
  const { NetworkMode, IpcMode, PidMode, VolumesFrom, Links } = other.HostConfig;
  const lends = (mode: string | undefined) => isProvider(/^container:(.+)$/.exec(mode ?? '')?.[1]);
  const hows: [string, boolean, boolean][] = [
    ['shares the network of', lends(NetworkMode), true],
    ['shares the memory of', lends(IpcMode), true],
    ['shares the processes of', lends(PidMode), true],
    ['mounts the volumes of', ((VolumesFrom ?? []) as string[]).some(from => isProvider(from.split(':')[0])), false],
    [
      'is linked to',
      ((Links ?? []) as string[]).some(link => isProvider(link.split(':')[0]?.replace(/^\//, ''))),
      true,
    ],
  ];
  return hows.filter(([, is]) => is).map(([how, , isBound]) => ({ name: nameOf(other), how, isBound }));
}

/** Names of the containers that this one refers to, by their ids. One that is gone is not in it. */
export async function namesOfReferences(
  client: DockerClient,
  found: Inspection,
  look: Look,
): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for (const reference of referencesOf(found)) {
    const other = await findContainer(client, reference, look);
    if (other !== undefined) names.set(reference, nameOf(other));
  }
  return names;
}
