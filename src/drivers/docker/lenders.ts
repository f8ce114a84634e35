import type { Use } from '../../plan/use.ts';
import type { Look } from '../contract.ts';
import type { DockerClient } from './client.ts';
import { findContainer, type Inspection, nameOf } from './inspection.ts';

/** A container that another one refers to. */
export interface Lender {
  readonly name: string;
  /** What it mounts, as `lentMount` writes it: a container that has its volumes from it did not ask for them itself. */
  readonly mounts: ReadonlySet<string>;
}
/** By how they are referred to: an id, or a name where it was asked for by name. One that is gone is not in it. */
export type Lenders = ReadonlyMap<string, Lender>;

export const NO_LENDERS: Lenders = new Map();

export const lenderOf = (found: Inspection): Lender => ({
  name: nameOf(found),
  mounts: new Set(found.Mounts.map(({ Name, Destination }) => lentMount(Name ?? '', Destination))),
});

export const lentMount = (volume: string, destination: string): string => `${volume} ${destination}`;

/** `container:<id or name>` in one of the three namespaces. */
export const lenderIn = (mode: string | undefined): string | undefined => /^container:(.+)$/.exec(mode ?? '')?.[1];

/** `<id or name>[:mode]`. */
export const splitVolumesFrom = (from: string): readonly [container: string, mode: string] => {
  const at = from.indexOf(':');
  return at < 0 ? [from, ''] : [from.slice(0, at), from.slice(at)];
};

/** `/provider:/this/alias`, as engines tell it: the provider's name of now, whatever it was when the link was made. */
export const linkedTo = (link: string): string => (link.split(':')[0] ?? '').replace(/^\//, '');

/** How a container refers to others, as its engine tells it. */
export function referencesOf({
  HostConfig,
}: Pick<Inspection, 'HostConfig'>): readonly (readonly [reference: string, how: Use['how']])[] {
  const { NetworkMode, IpcMode, PidMode, VolumesFrom, Links } = HostConfig;
  const lent = (mode: string | undefined, how: Use['how']) => {
    const lender = lenderIn(mode);
    return lender === undefined ? [] : [[lender, how] as const];
  };
  return [
    ...lent(NetworkMode, 'network'),
    ...lent(IpcMode, 'memory'),
    ...lent(PidMode, 'processes'),
    ...((VolumesFrom ?? []) as string[]).map(from => [splitVolumesFrom(from)[0], 'volumes'] as const),
    ...((Links ?? []) as string[]).map(link => [linkedTo(link), 'link'] as const),
  ];
}

/** By name. Sorted, so that two equal containers say the same. */
export const usesOf = (found: Inspection, lenders: Lenders): Use[] =>
  referencesOf(found)
    .map(([reference, how]) => ({ container: lenders.get(reference)?.name ?? reference, how }))
    .sort((a, b) => (`${a.how} ${a.container}` < `${b.how} ${b.container}` ? -1 : 1));

/** Looks up all that a container refers to. */
export async function findLenders(client: DockerClient, found: Inspection, look: Look): Promise<Lenders> {
  const lenders = new Map<string, Lender>();
  for (const [reference] of referencesOf(found)) {
    const other = await findContainer(client, reference, look);
    if (other !== undefined) lenders.set(reference, lenderOf(other));
  }
  return lenders;
}
