import type { ImageDefaults } from './inspection.ts';
import { asJson, isEmpty, type Json, type JsonObject, sameJson } from './json.ts';
import { isOurLabel } from './labels.ts';

/** Where nothing said and an empty value are two different wishes. */
const EMPTY_MEANS_SOMETHING = new Set(['Init', 'MemorySwappiness', 'StopTimeout', 'MaskedPaths', 'ReadonlyPaths']);

/** Fields without those that say nothing, so that an engine that learns a field does not change every container. */
export function withoutEmpty(fields: JsonObject): JsonObject {
  const says = ([key, value]: [string, Json]) =>
    EMPTY_MEANS_SOMETHING.has(key) ? value !== null : !isEmpty(value) && !isZeroes(value);
  return Object.fromEntries(Object.entries(fields).filter(says));
}
const isZeroes = (value: Json): boolean => Array.isArray(value) && value.every(item => item === 0);

/**
 * A container's own configuration: what its image does not say already. Made again from the same image it comes out
 * the same; and an image with other defaults is another image, not other settings.
 */
export function lessImageDefaults(config: JsonObject, image: ImageDefaults): JsonObject {
  const { Entrypoint, Cmd, Env, Labels, ExposedPorts, Volumes, OnBuild: _, ...rest } = config;
  const defaults = asJson(image) as JsonObject;
  const own = Object.fromEntries(Object.entries(rest).filter(([key, value]) => !sameJson(value, defaults[key])));
  return withoutEmpty({
    ...own,
    ...ownCommand(Entrypoint, Cmd, defaults),
    Env: ((Env ?? []) as string[]).filter(entry => !(image.Env ?? []).includes(entry)),
    Labels: ownLabels((Labels ?? {}) as Record<string, string>, image.Labels ?? {}),
    ExposedPorts: lessKeys(ExposedPorts, image.ExposedPorts),
    Volumes: lessKeys(Volumes, image.Volumes),
  });
}

/** An entry point of one's own drops the image's command; the same entry point does not. */
function ownCommand(entrypoint: Json | undefined, command: Json | undefined, image: JsonObject): JsonObject {
  const sameEntrypoint = sameJson(entrypoint ?? null, image['Entrypoint'] ?? null);
  const droppedCommand = isEmpty(command) && !isEmpty(image['Cmd']);
  // An image's entry point that was taken away stays away only when nothing is asked for in its place: `['']`.
  const own = isEmpty(entrypoint) && !isEmpty(image['Entrypoint']) ? [''] : (entrypoint ?? null);
  if (!sameEntrypoint || droppedCommand) return { Entrypoint: own, Cmd: command ?? null };
  return sameJson(command ?? null, image['Cmd'] ?? null) ? {} : { Cmd: command ?? null };
}

const ownLabels = (labels: Record<string, string>, image: Record<string, string>): JsonObject =>
  Object.fromEntries(Object.entries(labels).filter(([key, value]) => !isOurLabel(key) && image[key] !== value));

const lessKeys = (of: Json | undefined, image: object | undefined): JsonObject =>
  Object.fromEntries(Object.entries((of ?? {}) as JsonObject).filter(([key]) => !Object.hasOwn(image ?? {}, key)));
