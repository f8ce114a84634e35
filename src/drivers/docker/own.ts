import { outgoingName, type RunId, stagedName } from '../../plan/ids.ts';
import type { ContainerTarget } from '../../plan/plan.ts';
import type { Call, Look } from '../contract.ts';
import { DriverError } from '../errors.ts';
import type { DockerClient } from './client.ts';
import { findContainer, getContainer, type Inspection, nameOf, shortId } from './inspection.ts';
import { LABEL } from './labels.ts';

/** The three names of one target in one run, and what stands under each now. */
export interface Standing {
  readonly live: Inspection | undefined;
  readonly staged: Inspection | undefined;
  readonly outgoing: Inspection | undefined;
  /** The container that this run made for this target, under whichever name it has now. */
  readonly made: Inspection | undefined;
  /** The id of the container that `made` is to replace: written on it when it was made. */
  readonly replaces: string | undefined;
}

export const namesOf = (target: ContainerTarget, run: RunId) => ({
  live: target.container,
  staged: stagedName(target.container, run),
  outgoing: outgoingName(target.container, run),
});

/** @throws conflict when the staging name is taken by a container that this run did not make */
export async function standing(client: DockerClient, target: ContainerTarget, call: Call): Promise<Standing> {
  const names = namesOf(target, call.run);
  const [live, staged, outgoing] = await Promise.all(
    [names.live, names.staged, names.outgoing].map(name => findContainer(client, name, call)),
  );
  if (staged !== undefined && !isMadeBy(staged, target, call.run))
    throw taken(names.staged, staged, 'not made by this run');
  const made = staged ?? (live !== undefined && isMadeBy(live, target, call.run) ? live : undefined);
  return { live, staged, outgoing, made, replaces: made?.Config.Labels[LABEL.replaces] };
}

export const isMadeBy = ({ Config: { Labels } }: Inspection, target: ContainerTarget, run: RunId): boolean =>
  Labels[LABEL.run] === run && Labels[LABEL.target] === target.id;

/** What this run made again because the one that it had found was gone. */
export const isRemadeBy = (found: Inspection | undefined, run: RunId): boolean =>
  found?.Config.Labels[LABEL.remade] === run;

/** The name that an effect needs is somebody else's. */
export const taken = (name: string, by: Inspection, why: string): DriverError =>
  new DriverError(
    'conflict',
    `the name ${name} is taken by container ${shortId(by.Id)}, ${why}; nothing was changed there`,
    {
      next: `Look at it with docker inspect ${name}: somebody made or renamed it since this run began.`,
      foreign: true,
    },
  );

export const gone = (name: string, what: string): DriverError =>
  new DriverError('missing', `container ${name}, ${what}, is no longer there`, {
    next: `See docker ps --all: somebody removed or renamed ${name} since this run made use of it.`,
    foreign: true,
  });

/** Somebody made it again by its name. */
export const madeAgain = (name: string, live: Inspection, expected: string): DriverError =>
  new DriverError(
    'conflict',
    `container ${name} was made again by somebody: expected ${shortId(expected)}, found ${shortId(live.Id)}; it was not touched`,
    { next: `Decide which of them is right: docker ps --all --filter name=${name}`, foreign: true },
  );

const renamed = (name: string, same: Inspection): DriverError =>
  new DriverError(
    'conflict',
    `container ${name} (${shortId(same.Id)}) was renamed to ${nameOf(same)} by somebody; it was not touched`,
    { next: `docker rename ${nameOf(same)} ${name}`, foreign: true },
  );

/**
 * The container of this name, which must be the very one that `only` names: whoever else has the name is not touched.
 * @throws conflict when it was made again or renamed by somebody | missing when it is gone
 */
export async function getSame(
  client: DockerClient,
  name: string,
  only: string | undefined,
  look: Pick<Look, 'signal'>,
): Promise<Inspection> {
  if (only === undefined) return getContainer(client, name, look);
  const found = await findContainer(client, name, look);
  if (found?.Id === only) return found;
  const same = await findContainer(client, only, look);
  if (same !== undefined) throw renamed(name, same);
  throw found === undefined ? gone(name, `(${shortId(only)})`) : madeAgain(name, found, only);
}

/** @throws conflict when this very container still is there under another name */
export async function mustBeGone(client: DockerClient, name: string, id: string, look: Pick<Look, 'signal'>) {
  const same = await findContainer(client, id, look);
  if (same !== undefined && nameOf(same) !== name) throw renamed(name, same);
}
