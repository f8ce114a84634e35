import { seconds } from '../../plan/duration.ts';
import type { Look } from '../contract.ts';
import type { DockerClient } from './client.ts';
import { findContainer, type Inspection, nameOf } from './inspection.ts';
import { referencesOf } from './request.ts';

const ALL_WITHIN = seconds(60);

export interface Dependant {
  readonly name: string;
  /** `shares the network of`, `mounts the volumes of`, `is linked to`. */
  readonly how: string;
  /** It cannot be started again once the other was made anew: it holds on to that container's id. */
  readonly isBound: boolean;
}

/** Containers, running or not, that hold on to one. Those who ask at once share one look at the engine. */
export function createDependants(client: DockerClient) {
  let asked: Promise<Inspection[]> | undefined;
  return async (provider: Inspection, look: Look): Promise<Dependant[]> => {
    asked ??= inspectAll(client, { signal: AbortSignal.timeout(ALL_WITHIN) }).finally(() => {
      asked = undefined;
    });
    const all = asked;
    const inspected = await client.ask('inspect all containers', look.signal, () => all, ALL_WITHIN);
    return inspected.flatMap(other => (other.Id === provider.Id ? [] : dependence(other, provider)));
  };
}

async function inspectAll(client: DockerClient, look: Pick<Look, 'signal'>): Promise<Inspection[]> {
  const all = await client.ask('list containers', look.signal, docker => docker.listContainers({ all: true }));
  const inspected = await Promise.all(all.map(({ Id }) => findContainer(client, Id, look)));
  return inspected.filter(found => found !== undefined);
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
