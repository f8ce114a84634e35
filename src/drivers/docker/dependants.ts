import { seconds } from '../../plan/duration.ts';
import type { Use } from '../../plan/use.ts';
import type { Look } from '../contract.ts';
import type { DockerClient } from './client.ts';
import { findContainer, type Inspection, nameOf } from './inspection.ts';
import { referencesOf } from './lenders.ts';

const ALL_WITHIN = seconds(60);

export interface Dependant {
  readonly name: string;
  readonly how: Use['how'];
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
    return inspected.flatMap(other =>
      other.Id === provider.Id || isSetAside(nameOf(other)) ? [] : dependence(other, provider),
    );
  };
}

/** What an earlier run keeps for its undo, or left behind, is never started: nothing can be taken from it. */
const isSetAside = (name: string): boolean => /\.lg-(prev-)?[0-9a-f]{10}$/.test(name);

async function inspectAll(client: DockerClient, look: Pick<Look, 'signal'>): Promise<Inspection[]> {
  const all = await client.ask('list containers', look.signal, docker => docker.listContainers({ all: true }));
  const inspected = await Promise.all(all.map(({ Id }) => findContainer(client, Id, look)));
  return inspected.filter(found => found !== undefined);
}

const dependence = (other: Inspection, provider: Inspection): Dependant[] =>
  referencesOf(other)
    .filter(([reference]) => reference === provider.Id || reference === nameOf(provider))
    .map(([, how]) => ({ name: nameOf(other), how }));
