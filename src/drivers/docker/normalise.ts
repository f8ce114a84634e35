import type { ImageDefaults, Inspection } from './inspection.ts';
import { type Json, type JsonObject, sorted } from './json.ts';
import { type Lenders, NO_LENDERS } from './lenders.ts';
import { effectiveMounts } from './mounts.ts';
import { requestOf } from './request.ts';

/** Lists whose order means something. In all others it does not. */
const ORDERED = new Set(['Cmd', 'Entrypoint', 'Dns', 'DnsSearch', 'Test', 'Shell']);

/** Engines write it down when a container is first started: nothing said before, this after. */
const DEFAULT_RUNTIME = 'runc';

/**
 * A container's settings as they would matter if it were made again. Two containers with the same image id and equal
 * normalised settings behave the same. Everything that the engine tells of `Config`, `HostConfig`, mounts and networks
 * counts, fields that lastgood has never heard of too, but for what is left out here:
 *
 * - what the engine gave, and gives anew: ids, pids, times, paths of its own files, the container's name, sandbox and
 *   endpoint ids, addresses and MACs that nobody fixed, host ports that nobody chose, the host name and alias that are
 *   the head of the id, names of anonymous volumes (their place and mode count);
 * - what the image says (command, environment, labels, ports, volumes, user, directory, health check): its id is
 *   compared by itself, so a default that came with another image is no change of settings;
 * - the image's name: the id is what runs;
 * - the restart policy: a run sets it aside, so it is observed beside the settings (`restartPolicy`) and compared there;
 * - how the client that created it was attached, and `ContainerIDFile`, a file of that client;
 * - lastgood's own labels;
 * - the way of asking for a mount (`Binds`, `Mounts`, `Volumes`): what is mounted where, and how, counts;
 * - the engine's default runtime, which is written down at the first start;
 * - the order of lists whose order says nothing, and fields that say nothing (null, empty, false, zero), except where
 *   an empty value is a wish (`Init`, `MemorySwappiness`, `StopTimeout`).
 *
 * @param lenders as `requestOf` takes them
 */
export function normaliseContainer(found: Inspection, image: ImageDefaults, lenders: Lenders = NO_LENDERS): JsonObject {
  const request = requestOf(found, image, lenders);
  const { Volumes: _, ...config } = request.config;
  const { Binds: _b, Mounts: _m, Runtime, ...host } = request.hostConfig;
  return {
    config: ordered(config),
    host: ordered(Runtime === undefined || Runtime === DEFAULT_RUNTIME ? host : { ...host, Runtime }),
    networks: ordered(request.networks),
    mounts: sorted(effectiveMounts(found)),
  };
}

function ordered(value: Json, key = ''): Json {
  if (Array.isArray(value)) {
    const items = value.map(item => ordered(item));
    return ORDERED.has(key) ? items : sorted(items);
  }
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, ordered(item, name)]));
}
