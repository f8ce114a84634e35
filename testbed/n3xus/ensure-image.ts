import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { follow } from '../docker/import-tar.ts';
import { runWell } from '../process/run.ts';
import type { Say } from '../say.ts';
import { findOrNothing } from './ownership.ts';

/** What one build needs. Two builds of equal `content` are the same image, and the second does nothing. */
export interface Build {
  /** `nexus-service:v1`. */
  readonly tag: string;
  readonly dockerfile: string;
  /** All that the image is made of, as text: versions, file contents, the id of its base. */
  readonly content: string;
  /** Puts files beside the Dockerfile. */
  fill?(context: string): void;
}

export const CONTENT_LABEL = 'lastgood.testbed.content';

/**
 * Builds the image unless it stands already, and returns its id.
 * @throws Error with the engine's message when a step fails
 */
export async function ensureImage(engine: Docker, build: Build, say: Say): Promise<string> {
  const content = createHash('sha256').update(`${build.dockerfile}\0${build.content}`).digest('hex');
  const standing = await findOrNothing(engine.getImage(build.tag).inspect());
  if (standing?.Config.Labels?.[CONTENT_LABEL] === content) return standing.Id;

  say(`building ${build.tag}`);
  const directory = mkdtempSync(join(tmpdir(), 'lastgood-image-'));
  const context = join(directory, 'context');
  const tar = join(directory, 'context.tar');
  try {
    mkdirSync(context);
    writeFileSync(join(context, 'Dockerfile'), build.dockerfile);
    build.fill?.(context);
    await runWell('tar', ['-C', context, '--owner=0', '--group=0', '-cf', tar, '.'], { deadlineMs: 60_000 });
    const labels = { [CONTENT_LABEL]: content };
    const options = { t: build.tag, labels, networkmode: 'none', forcerm: true };
    await follow({ client: engine }, await engine.buildImage(tar, options));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return (await engine.getImage(build.tag).inspect()).Id;
}

/**
 * Pushes `tag` to a registry (`127.0.0.1:5000`), and returns the reference by digest that pulls it again.
 * @throws Error with the engine's message when the registry refuses it
 */
export async function pushImage(engine: Docker, tag: string, registry: string): Promise<string> {
  const [name = '', version = 'latest'] = tag.split(':');
  const repository = `${registry}/${name}`;
  await engine.getImage(tag).tag({ repo: repository, tag: version });
  const image = engine.getImage(`${repository}:${version}`);
  await follow({ client: engine }, await image.push({ authconfig: {} }));
  const { RepoDigests } = await image.inspect();
  const reference = RepoDigests?.find(digest => digest.startsWith(`${repository}@`));
  if (reference === undefined) throw new Error(`pushed ${repository}:${version}, but the engine knows no digest of it`);
  return reference;
}
