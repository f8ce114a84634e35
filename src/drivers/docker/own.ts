import { outgoingName, type RunId, stagedName } from '../../plan/ids.ts';
import type { ContainerTarget } from '../../plan/plan.ts';
import type { Call } from '../contract.ts';
import { DriverError } from '../errors.ts';
import type { DockerClient } from './client.ts';
import { findContainer, type Inspection, shortId } from './inspection.ts';
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

/** The name that an effect needs is somebody else's. */
export const taken = (name: string, by: Inspection, why: string): DriverError =>
  new DriverError(
    'conflict',
    `the name ${name} is taken by container ${shortId(by.Id)}, ${why}; nothing was changed there`,
    {
      next: `Look at it with docker inspect ${name}: somebody made or renamed it since this run began.`,
    },
  );

export const gone = (name: string, what: string): DriverError =>
  new DriverError('missing', `container ${name}, ${what}, is no longer there`, {
    next: `See docker ps --all: somebody removed or renamed ${name} since this run made use of it.`,
  });
