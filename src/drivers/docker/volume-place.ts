import { stat } from 'node:fs/promises';
import type Docker from 'dockerode';
import type { Look } from '../contract.ts';
import { DriverError } from '../errors.ts';
import type { DockerClient } from './client.ts';

/** A volume whose files this process reads and renames directly, on the engine's own host. */
export interface VolumePlace {
  readonly name: string;
  /** Where its files lie on this host. */
  readonly root: string;
  /** Mount point, inode and birth: a volume that was removed and made again by the same name is another. */
  readonly identity: string;
  readonly inspection: Docker.VolumeInspectInfo;
}

/** @throws missing | refused when its files cannot be had here, or lie there only while it is mounted */
export async function placeOf(client: DockerClient, name: string, look: Pick<Look, 'signal'>): Promise<VolumePlace> {
  const found = await client.find(`inspect volume ${name}`, look.signal, docker => docker.getVolume(name).inspect());
  if (found === undefined)
    throw new DriverError('missing', `engine ${client.address}: there is no volume ${name}; nothing was changed`, {
      next: 'See docker volume ls: was it renamed or removed?',
    });
  const options: Record<string, string> = found.Options ?? {};
  if (found.Driver !== 'local' || options['type'] !== undefined || options['device'] !== undefined)
    throw new DriverError(
      'refused',
      `volume ${name}: its files (driver ${found.Driver}) are on this host only while a container mounts it`,
      { next: 'Only plain local volumes can be captured and restored.' },
    );
  const root = found.Mountpoint;
  const stats = await stat(root, { bigint: true }).catch(error =>
    Promise.reject(outOfReach(client, name, root, error)),
  );
  // The engine's own time of creation is, on some, the time at which an entry was last made at the top.
  const identity = `${root}#${stats.dev}:${stats.ino}:${stats.birthtimeNs}`;
  return { name, root, identity, inspection: found };
}

const outOfReach = (client: DockerClient, name: string, root: string, error: NodeJS.ErrnoException): DriverError =>
  new DriverError('refused', `volume ${name}: ${root} cannot be read (${error.code})`, {
    cause: error,
    next: `Run this worker as root on the host of engine ${client.address}: it reads volumes directly.`,
  });
