import type Docker from 'dockerode';
import { findOurs } from './ownership.ts';

/** Every container of the platform as the engine shows it, by name. */
export async function inspectAll(engine: Docker): Promise<ReadonlyMap<string, Docker.ContainerInspectInfo>> {
  const found = await Promise.all((await findOurs(engine)).map(({ Id }) => engine.getContainer(Id).inspect()));
  return new Map(found.map(info => [info.Name.slice(1), info] as const).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export interface RunningVersion {
  /** `v1`, of the image's own label: what it is, not what it was called. */
  readonly version: string;
  /** The image's id. */
  readonly image: string;
  readonly state: string;
  readonly restarts: number;
  /** A store's image is the same in every release. */
  readonly store: boolean;
}

/** What runs, by container name. */
export async function versions(engine: Docker): Promise<ReadonlyMap<string, RunningVersion>> {
  return new Map(
    [...(await inspectAll(engine))].map(([name, { Config, Image, State, RestartCount }]) => [
      name,
      {
        version: Config.Labels['org.opencontainers.image.version'] ?? 'unknown',
        image: Image,
        state: State.Status,
        restarts: RestartCount,
        store: Config.Labels['com.nexus.release'] === 'store',
      },
    ]),
  );
}
