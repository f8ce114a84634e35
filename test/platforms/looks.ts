import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { activityOf, formatPolicy } from '../../src/drivers/docker/activity.ts';
import { type Lender, lenderOf, referencesOf } from '../../src/drivers/docker/lenders.ts';
import { normaliseContainer } from '../../src/drivers/docker/normalise.ts';
import { canonicalJson } from '../../src/plan/canonical.ts';
import type { Small } from '../../testbed/small/platform.ts';
import { SERVICES } from '../../testbed/small/requests.ts';
import type { Look } from '../checker/evidence.ts';

/** Target -> how it stands. */
export type Looks = ReadonlyMap<string, Look>;

/** Every target of the small platform, looked at by the engine's own words and the disk's. A container that is not there is left out. */
export async function lookAtSmall(engine: Docker, small: Small): Promise<Looks> {
  const looks = new Map<string, Look>();
  for (const { name } of SERVICES) {
    const look = await lookAt(engine, name);
    if (look !== undefined) looks.set(name, look);
  }
  looks.set('conf', { version: '', settings: digestOf(join(small.directory, 'conf')) });
  return looks;
}

/** One container's image, normalised settings with its restart policy, and whether it runs. */
export async function lookAt(engine: Docker, name: string): Promise<Look | undefined> {
  const found = await engine
    .getContainer(name)
    .inspect()
    .catch((error: { statusCode?: number }) => {
      if (error.statusCode === 404) return undefined;
      throw error;
    });
  if (found === undefined) return undefined;
  const image = await engine.getImage(found.Image).inspect();
  const settings = canonicalJson({
    policy: formatPolicy(found.HostConfig.RestartPolicy as never),
    normal: normaliseContainer(found as never, image.Config as never, await lendersOf(engine, found)),
  });
  return { version: found.Image, settings: digest(settings), activity: found.State.Running ? 'running' : 'down' };
}

/** Whom it refers to, by their names: their ids are others once they are made again. */
async function lendersOf(engine: Docker, found: Docker.ContainerInspectInfo): Promise<ReadonlyMap<string, Lender>> {
  const all = await engine.listContainers({ all: true });
  const there = referencesOf(found).filter(([reference]) =>
    all.some(({ Id, Names }) => Id === reference || Names.includes(`/${reference}`)),
  );
  const lenders = there.map(
    async ([reference]) => [reference, lenderOf(await engine.getContainer(reference).inspect())] as const,
  );
  return new Map(await Promise.all(lenders));
}

/** Every container on the engine as it stands, with its id, its times and its policy: equal means that nothing touched it. */
export async function everything(engine: Docker): Promise<readonly string[]> {
  const all = await engine.listContainers({ all: true });
  const lines = await Promise.all(
    all.map(async ({ Id }) => {
      const found = await engine.getContainer(Id).inspect();
      const image = await engine.getImage(found.Image).inspect();
      return canonicalJson({
        name: found.Name,
        id: found.Id,
        // The engine itself starts it again and again.
        ...(activityOf(found as never, Date.now()) === 'looping'
          ? { state: 'looping' }
          : { state: found.State.Status, startedAt: found.State.StartedAt, restarts: found.RestartCount }),
        policy: formatPolicy(found.HostConfig.RestartPolicy as never),
        normal: normaliseContainer(found as never, image.Config as never),
      });
    }),
  );
  return lines.sort();
}

/** Names, modes and contents of a directory, but for what a run keeps inside it for its undo. */
export function digestOf(directory: string): string {
  const entries = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter(entry => !entry.startsWith('.lastgood'))
    .sort();
  const lines = entries.map(entry => {
    const path = join(directory, entry);
    const stats = statSync(path);
    return `${entry} ${stats.mode} ${stats.isFile() ? digest(readFileSync(path, 'utf8')) : ''}`;
  });
  return digest(lines.join('\n'));
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
