import type Docker from 'dockerode';
import type { Look } from '../contract.ts';
import { DriverError } from '../errors.ts';
import type { DockerClient } from './client.ts';

/** Containers that have a process, paused and restarting ones too. */
export const listRunning = (client: DockerClient, look: Pick<Look, 'signal'>): Promise<Docker.ContainerInfo[]> =>
  client.ask('list running containers', look.signal, docker =>
    docker.listContainers({ filters: { status: ['running', 'paused', 'restarting'] } }),
  );

export const shownName = (container: Docker.ContainerInfo): string =>
  (container.Names.find(name => name.lastIndexOf('/') === 0) ?? container.Names[0] ?? container.Id).replace(/^\//, '');

/** Whether a mount gives the container files at or under `root`, or a directory that `root` lies in. */
export const reaches = (source: string | undefined, root: string): boolean =>
  source === root || isUnder(source, root) || isUnder(root, source);

const isUnder = (path: string | undefined, root: string | undefined): boolean =>
  path !== undefined && root !== undefined && root !== '' && path.startsWith(root === '/' ? '/' : `${root}/`);

/**
 * @param doing finishes the sentence `… while it is in use`
 * @throws conflict naming the running containers that mount the volume, as a volume or by its path on the host
 */
export async function mustNotBeMounted(
  client: DockerClient,
  place: { readonly name: string; readonly root: string },
  doing: string,
  look: Pick<Look, 'signal'>,
): Promise<void> {
  const names = (await listRunning(client, look))
    .filter(({ Mounts }) =>
      Mounts.some(mount => mount.Name === place.name || (mount.Type === 'bind' && reaches(mount.Source, place.root))),
    )
    .map(shownName);
  if (names.length === 0) return;
  throw new DriverError(
    'conflict',
    `volume ${place.name} is not ${doing} while it is in use: ${names.join(', ')} runs and mounts it`,
    {
      next: `Stop ${names.join(' and ')} first.`,
    },
  );
}
