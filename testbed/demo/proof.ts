import type Docker from 'dockerode';
import { formatPolicy } from '../../src/drivers/docker/activity.ts';
import { normaliseContainer } from '../../src/drivers/docker/normalise.ts';
import { canonicalJson } from '../../src/plan/canonical.ts';
import { inspectAll, versions } from '../n3xus/inspect.ts';

/** The outgoing containers lie beside their successors until aftercare settles; they are no part of the platform. */
const isKeptForUndo = (name: string): boolean => name.includes('.lg-prev-');

/** Every container's settings and restart policy as they would matter, by name: equal texts are equal containers. */
export async function settingsOfAll(engine: Docker): Promise<ReadonlyMap<string, string>> {
  const settings = new Map<string, string>();
  for (const [name, found] of await inspectAll(engine)) {
    if (isKeptForUndo(name)) continue;
    const image = await engine.getImage(found.Image).inspect();
    const normal = normaliseContainer(found as never, image.Config as never);
    settings.set(
      name,
      canonicalJson({ image: found.Image, policy: formatPolicy(found.HostConfig.RestartPolicy as never), normal }),
    );
  }
  return settings;
}

/** Names of the containers that are not as they were. */
export const differing = (before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] =>
  [...new Set([...before.keys(), ...after.keys()])].filter(name => before.get(name) !== after.get(name));

/** Services that do not run `version`, stores apart. */
export async function notAt(engine: Docker, version: string): Promise<string[]> {
  const found = await versions(engine);
  return [...found].flatMap(([name, one]) =>
    one.store || isKeptForUndo(name) || (one.version === version && one.state === 'running')
      ? []
      : [`${name} ${one.version} ${one.state}`],
  );
}
