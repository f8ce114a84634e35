import { lessImageDefaults, withoutEmpty } from './defaults.ts';
import { type ImageDefaults, type Inspection, nameOf, shortId } from './inspection.ts';
import { asJson, type Json, type JsonObject } from './json.ts';
import { type AnonymousVolume, anonymousVolumes, namedBinds, namedMounts } from './mounts.ts';
import { isBorrowed, type Networks, networkModeOf, networksOf } from './networks.ts';

/** What someone asked the engine for when the container was made: enough to ask again. Holds secrets. */
export interface CreateRequest {
  /** Less the image's defaults, the image, and how the asking client was attached. */
  readonly config: JsonObject;
  /** Less the restart policy, which is recorded beside it and given only to what is meant to run. */
  readonly hostConfig: JsonObject;
  readonly networks: Networks;
  readonly anonymous: readonly AnonymousVolume[];
}

/**
 * Reads a request back from an inspection. What was never said, or was given by the engine, is not in it.
 * @param names container id -> name, for namespaces that are borrowed of another container: engines keep the id,
 *   which is another once that container is made again
 */
export function requestOf(found: Inspection, image: ImageDefaults, names: ReadonlyMap<string, string>): CreateRequest {
  const {
    Image: _i,
    AttachStdin: _a,
    AttachStdout: _b,
    AttachStderr: _c,
    Hostname,
    ...config
  } = asJson(found.Config) as Record<string, Json>;
  const { RestartPolicy: _p, ContainerIDFile: _f, ...hostConfig } = asJson(found.HostConfig) as Record<string, Json>;
  const mode = networkModeOf(found);
  const named = (reference: Json | undefined) => byName(reference ?? '', names);
  return {
    config: withoutEmpty({
      ...lessImageDefaults(config, image),
      Hostname: isGivenHostname(Hostname, found) ? '' : (Hostname ?? ''),
    }),
    hostConfig: withoutEmpty({
      ...hostConfig,
      NetworkMode: named(mode),
      IpcMode: named(hostConfig['IpcMode']),
      PidMode: named(hostConfig['PidMode']),
      VolumesFrom: ((hostConfig['VolumesFrom'] ?? []) as string[]).map(from => volumesFromByName(from, names)),
      Links: ((hostConfig['Links'] ?? []) as string[]).map(link => linkAsAsked(link, found)),
      Binds: namedBinds(found),
      Mounts: namedMounts(found),
    }),
    networks: networksOf(found),
    anonymous: anonymousVolumes(found),
  };
}

/** The engine's own: the head of the container's id, or, in a borrowed network, the name of whoever lends it. */
const isGivenHostname = (hostname: Json | undefined, found: Inspection): boolean =>
  hostname === shortId(found.Id) ||
  (isBorrowed(found.HostConfig.NetworkMode) && found.HostConfig.NetworkMode !== 'none');

const byName = (reference: Json, names: ReadonlyMap<string, string>): Json => {
  const id = typeof reference === 'string' && /^container:(.+)$/.exec(reference)?.[1];
  return id ? `container:${names.get(id) ?? id}` : reference;
};

const volumesFromByName = (from: string, names: ReadonlyMap<string, string>): string => {
  const [id = '', ...mode] = from.split(':');
  return [names.get(id) ?? id, ...mode].join(':');
};

/** `/provider:/this/alias`, as engines keep it, is asked for as `provider:alias`. */
function linkAsAsked(link: string, found: Inspection): string {
  const [provider = '', alias = ''] = link.split(':');
  const own = `/${nameOf(found)}/`;
  return `${provider.replace(/^\//, '')}:${alias.startsWith(own) ? alias.slice(own.length) : (alias.split('/').pop() ?? '')}`;
}

/** Ids and names of other containers that this one refers to. */
export function referencesOf(found: Inspection): string[] {
  const { NetworkMode, IpcMode, PidMode, VolumesFrom } = found.HostConfig;
  const borrowed = [NetworkMode, IpcMode, PidMode].flatMap(mode => /^container:(.+)$/.exec(mode ?? '')?.[1] ?? []);
  return [...new Set([...borrowed, ...((VolumesFrom ?? []) as string[]).map(from => from.split(':')[0] ?? '')])];
}
