import { withoutEmpty } from './defaults.ts';
import type { Inspection } from './inspection.ts';
import { asJson, type Json, type JsonObject } from './json.ts';

/** A volume that the engine named: it belongs to one container, and is carried over when that is made again. */
export interface AnonymousVolume {
  readonly destination: string;
  readonly volume: string;
  readonly readOnly: boolean;
}

const isEngineNamed = (volume: string | undefined): boolean => /^[0-9a-f]{64}$/.test(volume ?? '');

export const anonymousVolumes = (found: Inspection): AnonymousVolume[] =>
  found.Mounts.filter(mount => mount.Type === 'volume' && isEngineNamed(mount.Name)).map(mount => ({
    destination: mount.Destination,
    volume: mount.Name as string,
    readOnly: !mount.RW,
  }));

/** By name, sorted. */
export const writableVolumes = (found: Inspection): string[] =>
  found.Mounts.flatMap(({ Type, RW, Name }) => (Type === 'volume' && RW && Name !== undefined ? [Name] : [])).sort();

/** `HostConfig.Binds` as asked for, less engine-named volumes. */
export const namedBinds = (found: Inspection): string[] =>
  (found.HostConfig.Binds ?? []).filter(bind => !isEngineNamed(bind.split(':')[0]));

/** `HostConfig.Mounts` as asked for, less engine-named volumes. */
export const namedMounts = (found: Inspection): Json[] =>
  ((found.HostConfig.Mounts ?? []) as { Type: string; Source?: string }[])
    .filter(mount => !(mount.Type === 'volume' && (mount.Source === undefined || isEngineNamed(mount.Source))))
    .map(asJson);

/**
 * What is mounted where, however it was asked for: a container made again names its carried-over volumes, and mounts
 * the same. How an empty volume is filled does not matter once it is.
 */
export function effectiveMounts(found: Inspection): Json[] {
  const asked = new Map(
    ((found.HostConfig.Mounts ?? []) as { Target: string; VolumeOptions?: unknown }[]).map(mount => [
      mount.Target,
      mount,
    ]),
  );
  return found.Mounts.map(mount => {
    const anonymous = mount.Type === 'volume' && isEngineNamed(mount.Name);
    const { Type, Source, Target, ReadOnly, ...options } = (asJson(asked.get(mount.Destination)) ?? {}) as JsonObject;
    const flags = mount.Mode.split(',').filter(
      flag => !['', 'rw', 'ro', 'z'].includes(flag) && flag !== mount.Propagation,
    );
    return withoutEmpty({
      type: mount.Type,
      at: mount.Destination,
      from: anonymous ? 'a volume of its own' : mount.Type === 'volume' ? (mount.Name ?? '') : mount.Source,
      driver: mount.Type === 'volume' && mount.Driver !== 'local' ? (mount.Driver ?? '') : '',
      readOnly: !mount.RW,
      propagation: mount.Propagation === 'rprivate' ? '' : mount.Propagation,
      flags: flags.sort(),
      options: anonymous ? {} : options,
    });
  });
}
