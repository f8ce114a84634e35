import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Cache, openCache } from '../cache.ts';
import { findPrograms, systemPath } from '../process/find-program.ts';
import { runWell } from '../process/run.ts';
import { type Say, sayWhile } from '../say.ts';
import { installPackages, whyNoApt } from './apt.ts';
import { buildImage } from './build-image.ts';
import { type HasClient, importTar, isThere } from './import-tar.ts';

export interface ImageOptions {
  readonly say: Say;
  readonly cache?: Cache;
}

const SUITE = 'bookworm';
const PACKAGES = ['postgresql', 'redis-server', 'nginx-light', 'ca-certificates'];
/** Anything that changes what comes out changes the key, and with it the tag. */
const RECIPE = ['1', SUITE, 'essential', ...PACKAGES].join(' ');
const KEY = createHash('sha256').update(RECIPE).digest('hex').slice(0, 12);

export const BASE_IMAGE = `lastgood-testbed/base:${KEY}`;

/**
 * Puts the image that the testbed's platform is built on into an engine: Debian with PostgreSQL, Redis and nginx.
 * Made from Debian's packages where mmdebstrap is or can be installed, and by `docker build` elsewhere. Quick when it
 * is there already; seconds from the cache; about half a minute from nothing.
 * @returns its tag, `lastgood-testbed/base:<key>`
 */
export async function ensureBaseImage(engine: HasClient, { say, cache = openCache() }: ImageOptions): Promise<string> {
  if (await isThere(engine, BASE_IMAGE)) return BASE_IMAGE;
  if (findPrograms('mmdebstrap').length === 0) {
    if ((await whyNoApt()) !== undefined) return buildFromHub(engine, say);
    await installPackages(['mmdebstrap', 'debian-archive-keyring'], say);
  }
  const made = await cache.getOrBuild(`base-image-${KEY}`, say, directory =>
    bootstrap(join(directory, 'base.tar'), say),
  );
  const tar = join(made, 'base.tar');
  say(`importing the base image (${Math.round((await stat(tar)).size / 1e6)} MB)`);
  await importTar(engine, tar, BASE_IMAGE, ['LABEL lastgood.testbed=base', 'ENV LANG=C.UTF-8']);
  return BASE_IMAGE;
}

async function bootstrap(tar: string, say: Say): Promise<void> {
  const args = ['--variant=essential', `--include=${PACKAGES.join(',')}`, '--mode=root', '--quiet', SUITE, tar];
  say(`making the base image from Debian's packages, about half a minute\n$ mmdebstrap ${args.join(' ')}`);
  const size = { mb: 0 };
  const watch = setInterval(async () => {
    size.mb = Math.round(((await stat(tar).catch(() => undefined))?.size ?? 0) / 1e6);
  }, 1_000);
  try {
    const env = { ...process.env, PATH: systemPath(), LC_ALL: 'C.UTF-8' };
    const going = runWell('mmdebstrap', args, { deadlineMs: 900_000, env });
    await sayWhile(say, 'base image', 5_000, going, () =>
      size.mb > 0 ? `${size.mb} MB written` : 'installing packages',
    );
  } finally {
    clearInterval(watch);
  }
}

/** For machines without Debian's tools. The engine must reach Docker Hub and Debian's mirror. */
async function buildFromHub(engine: HasClient, say: Say): Promise<string> {
  say(`making the base image by docker build, from debian:${SUITE}-slim`);
  const install = `apt-get update && apt-get install -y --no-install-recommends ${PACKAGES.join(' ')}`;
  const dockerfile = [
    `FROM debian:${SUITE}-slim`,
    `RUN ${install} && rm -rf /var/lib/apt/lists/*`,
    'LABEL lastgood.testbed=base',
    'ENV LANG=C.UTF-8',
    '',
  ].join('\n');
  await buildImage(engine, dockerfile, BASE_IMAGE, say);
  return BASE_IMAGE;
}
