import type Docker from 'dockerode';
import type { Look } from '../contract.ts';
import { DriverError } from '../errors.ts';
import type { DockerClient } from './client.ts';

export type Inspection = Docker.ContainerInspectInfo;
export type ImageInspection = Docker.ImageInspectInfo;
export type ImageDefaults = Partial<ImageInspection['Config']> & { readonly StopSignal?: string };

export const nameOf = (found: Pick<Inspection, 'Name'>): string => found.Name.replace(/^\//, '');
export const shortId = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12);

/**
 * The container of this very name or whole id, or nothing. An engine also answers to the head of an id, so that a
 * name that is gone could find a stranger whose id begins with it: that is nothing, too.
 */
export async function findContainer(client: DockerClient, name: string, look: Pick<Look, 'signal'>) {
  const call = `inspect container ${name}`;
  const found = await client.find(call, look.signal, docker => docker.getContainer(name).inspect());
  return found !== undefined && (nameOf(found) === name || found.Id === name) ? found : undefined;
}

/** @throws missing */
export async function getContainer(
  client: DockerClient,
  name: string,
  look: Pick<Look, 'signal'>,
): Promise<Inspection> {
  const found = await findContainer(client, name, look);
  if (found === undefined)
    throw new DriverError('missing', `engine ${client.address}: there is no container ${name}; nothing was changed`, {
      next: `See docker ps --all on ${client.address}: was it renamed or removed?`,
    });
  return found;
}

export const findImage = (client: DockerClient, reference: string, look: Pick<Look, 'signal'>) =>
  client.find(`inspect image ${reference}`, look.signal, docker => docker.getImage(reference).inspect());

/** What the container's image gives it by default; nothing where the image was forced off the engine. */
export async function imageDefaults(client: DockerClient, of: Inspection, look: Look): Promise<ImageDefaults> {
  return (await findImage(client, of.Image, look))?.Config ?? {};
}
