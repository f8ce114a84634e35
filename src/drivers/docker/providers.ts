import { type RunId, stagedName } from '../../plan/ids.ts';
import { useInWords } from '../../plan/use.ts';
import type { Look } from '../contract.ts';
import { DriverError } from '../errors.ts';
import type { DockerClient } from './client.ts';
import { findContainer, type Inspection } from './inspection.ts';
import type { JsonObject } from './json.ts';
import { LABEL } from './labels.ts';
import { lenderIn, referencesOf, splitVolumesFrom } from './lenders.ts';
import type { CreateRequest } from './request.ts';

type Lent = Pick<Inspection, 'HostConfig'>;
const asLent = (request: CreateRequest): Lent => ({
  HostConfig: request.hostConfig as unknown as Inspection['HostConfig'],
});

/**
 * The part of a request that names other containers, by their ids: those that this run staged in their place, else those
 * that have the names now. A name would be somebody else's after the swap; an id is resolved when the container is
 * started, which for a staged one is when its provider has been.
 * @throws missing when one of them is not there
 */
export async function byIds(client: DockerClient, request: CreateRequest, run: RunId, look: Look): Promise<JsonObject> {
  const ids = new Map<string, string>();
  for (const [name] of referencesOf(asLent(request))) ids.set(name, await idOf(client, name, run, look));
  const { NetworkMode, IpcMode, PidMode, VolumesFrom, Links } = asLent(request).HostConfig;
  const mode = (key: string, value: string | undefined) => {
    const lender = lenderIn(value);
    return lender === undefined ? {} : { [key]: `container:${ids.get(lender)}` };
  };
  return {
    ...mode('NetworkMode', NetworkMode),
    ...mode('IpcMode', IpcMode),
    ...mode('PidMode', PidMode),
    ...(VolumesFrom === undefined
      ? {}
      : {
          VolumesFrom: (VolumesFrom as string[]).map(from => {
            const [name, how] = splitVolumesFrom(from);
            return `${ids.get(name)}${how}`;
          }),
        }),
    ...(Links === undefined
      ? {}
      : {
          Links: (Links as string[]).map(link => {
            const [name = '', alias] = link.split(':');
            return `${ids.get(name)}:${alias ?? name}`;
          }),
        }),
  };
}

async function idOf(client: DockerClient, name: string, run: RunId, look: Look): Promise<string> {
  const staged = await findContainer(client, stagedName(name, run), look);
  if (staged?.Config.Labels[LABEL.run] === run) return staged.Id;
  const live = await findContainer(client, name, look);
  if (live !== undefined) return live.Id;
  throw new DriverError('missing', `container ${name}, which the release holds on to, is not there`, {
    next: `Make ${name} again, or record a release that does without it.`,
  });
}

/** Whether a staged container still refers to what it would be made with now. Links are told by names alone. */
export function refersTo(staged: Inspection, wanted: JsonObject): boolean {
  const { NetworkMode, IpcMode, PidMode, VolumesFrom } = staged.HostConfig;
  const found: Record<string, unknown> = { NetworkMode, IpcMode, PidMode, VolumesFrom };
  return Object.entries(wanted).every(
    ([key, value]) => key === 'Links' || JSON.stringify(found[key]) === JSON.stringify(value),
  );
}

/**
 * Why the release's container could not be made or started for want of another; empty when nothing is wanting.
 * @param isTarget whether a container of that name is put back by the plan, and so started by it
 */
export async function missingProviders(
  client: DockerClient,
  request: CreateRequest,
  isTarget: (container: string) => boolean,
  look: Look,
): Promise<string[]> {
  const faults = referencesOf(asLent(request)).map(async ([name, how]) => {
    const found = await findContainer(client, name, look);
    const what = `the release's container ${useInWords({ container: name, how })}`;
    if (found === undefined) return [`${what}, which is not on the engine: make ${name} again first`];
    if (isTarget(name) || how === 'volumes' || found.State.Running) return [];
    return [`${what}, which does not run and is no target of the plan: start it first`];
  });
  return (await Promise.all(faults)).flat();
}
