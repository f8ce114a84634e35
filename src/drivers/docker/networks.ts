import { withoutEmpty } from './defaults.ts';
import { type Inspection, shortId } from './inspection.ts';
import { asJson, type Json, type JsonObject } from './json.ts';

/** Network name -> what the container asked of it: aliases, fixed addresses, links, driver options. */
export type Networks = Readonly<Record<string, JsonObject>>;

/** A mode that brings no network of its own: the host's, another container's, none. */
export const isBorrowed = (mode: string | undefined): boolean =>
  mode === 'host' || mode === 'none' || (mode ?? '').startsWith('container:');

/** What was asked for, less what the engine gave: addresses, endpoint ids, and the alias that is the container's own id. */
export function networksOf(found: Inspection): Networks {
  if (isBorrowed(found.HostConfig.NetworkMode)) return {};
  return Object.fromEntries(
    Object.entries(found.NetworkSettings.Networks ?? {}).map(([name, endpoint]) => {
      const { Aliases, IPAMConfig, Links, DriverOpts } = asJson(endpoint) as Record<string, Json>;
      const aliases = ((Aliases ?? []) as string[]).filter(alias => alias !== shortId(found.Id));
      return [
        name,
        withoutEmpty({
          Aliases: [...new Set(aliases)].sort(),
          IPAMConfig: withoutEmpty((IPAMConfig ?? {}) as JsonObject),
          Links: Links ?? [],
          DriverOpts: DriverOpts ?? {},
        }),
      ];
    }),
  );
}

/** The mode by its network's name, where it was asked for by id. */
export function networkModeOf(found: Inspection): string {
  const mode = found.HostConfig.NetworkMode ?? 'default';
  const named = Object.entries(found.NetworkSettings.Networks ?? {}).find(
    ([, endpoint]) => endpoint.NetworkID === mode,
  );
  return named?.[0] ?? mode;
}
