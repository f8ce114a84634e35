import { hostname } from 'node:os';
import { lessImageDefaults, withoutEmpty } from './defaults.ts';
import { type ImageDefaults, type Inspection, nameOf, shortId } from './inspection.ts';
import { asJson, type Json, type JsonObject } from './json.ts';
import { type Lenders, lenderIn, lentMount, linkedTo, splitVolumesFrom } from './lenders.ts';
import { type AnonymousVolume, anonymousVolumes, namedBinds, namedMounts } from './mounts.ts';
import { type Networks, networkModeOf, networksOf } from './networks.ts';

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
 * @param lenders whom it refers to: engines keep their ids, which are others once they are made again
 */
export function requestOf(found: Inspection, image: ImageDefaults, lenders: Lenders): CreateRequest {
  const {
    Image: _i,
    AttachStdin: _a,
    AttachStdout: _b,
    AttachStderr: _c,
    Hostname,
    Domainname,
    ...config
  } = asJson(found.Config) as Record<string, Json>;
  const { RestartPolicy: _p, ContainerIDFile: _f, ...hostConfig } = asJson(found.HostConfig) as Record<string, Json>;
  const mode = networkModeOf(found);
  const named = (reference: Json | undefined) => byName(reference ?? '', lenders);
  return {
    config: withoutEmpty({
      ...lessImageDefaults(config, image),
      Hostname: isGivenHostname(Hostname, found) ? '' : (Hostname ?? ''),
      // In a borrowed network the engine writes down the lender's.
      Domainname: lenderIn(mode) === undefined ? (Domainname ?? '') : '',
    }),
    hostConfig: withoutEmpty({
      ...hostConfig,
      NetworkMode: named(mode),
      IpcMode: named(hostConfig['IpcMode']),
      PidMode: named(hostConfig['PidMode']),
      VolumesFrom: ((hostConfig['VolumesFrom'] ?? []) as string[]).map(from => volumesFromByName(from, lenders)),
      Links: ((hostConfig['Links'] ?? []) as string[]).map(link => linkAsAsked(link, found, lenders)),
      Binds: namedBinds(found),
      Mounts: namedMounts(found),
    }),
    networks: networksOf(found),
    anonymous: anonymousVolumes(found).filter(
      ({ volume, destination }) => !isLent(found, volume, destination, lenders),
    ),
  };
}

/** Mounted because a container lends it, and not by a wish of its own. */
function isLent(found: Inspection, volume: string, destination: string, lenders: Lenders): boolean {
  const asked = ((found.HostConfig.Mounts ?? []) as { Target: string }[]).some(({ Target }) => Target === destination);
  const from = ((found.HostConfig.VolumesFrom ?? []) as string[]).map(one => lenders.get(splitVolumesFrom(one)[0]));
  return !asked && from.some(lender => lender?.mounts.has(lentMount(volume, destination)));
}

/** The engine's own: the head of the container's id; the host's name in its network, the lender's in a borrowed one. */
function isGivenHostname(given: Json | undefined, found: Inspection): boolean {
  const mode = found.HostConfig.NetworkMode;
  if (lenderIn(mode) !== undefined) return true;
  return given === shortId(found.Id) || (mode === 'host' && given === hostname());
}

const byName = (reference: Json, lenders: Lenders): Json => {
  const id = typeof reference === 'string' ? lenderIn(reference) : undefined;
  return id === undefined ? reference : `container:${lenders.get(id)?.name ?? id}`;
};

const volumesFromByName = (from: string, lenders: Lenders): string => {
  const [id, mode] = splitVolumesFrom(from);
  return `${lenders.get(id)?.name ?? id}${mode}`;
};

/** `/provider:/this/alias`, as engines keep it, is asked for as `provider:alias`. */
function linkAsAsked(link: string, found: Inspection, lenders: Lenders): string {
  const provider = linkedTo(link);
  const alias = link.split(':')[1] ?? '';
  const own = `/${nameOf(found)}/`;
  return `${lenders.get(provider)?.name ?? provider}:${alias.startsWith(own) ? alias.slice(own.length) : (alias.split('/').pop() ?? '')}`;
}
