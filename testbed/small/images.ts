import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { ensureTinyImages, TINY_IMAGES } from '../docker/tiny-images.ts';
import { type Build, ensureImage } from '../n3xus/ensure-image.ts';
import type { Say } from '../say.ts';
import { ASK, HEALTH, LIBRARY, SERVE } from './scripts.ts';

export type SmallRelease = 'v1' | 'v2';
/** What containers of each release are created from. */
export type SmallImages = Readonly<Record<SmallRelease, string>>;

/** Two releases of one small program, 2 MB each, on the testbed's tiny images. @throws Error with the engine's message */
export async function ensureSmallImages(engine: Docker, say: Say): Promise<SmallImages> {
  await ensureTinyImages({ client: engine }, { say });
  const builds = { v1: buildOf('v1', TINY_IMAGES[0]), v2: buildOf('v2', TINY_IMAGES[1]) };
  await ensureImage(engine, builds.v1, say);
  await ensureImage(engine, builds.v2, say);
  return { v1: builds.v1.tag, v2: builds.v2.tag };
}

function buildOf(release: SmallRelease, base: string): Build {
  const files = {
    'lib/small.sh': LIBRARY,
    'bin/serve': SERVE,
    'www/cgi-bin/health': HEALTH,
    'www/cgi-bin/ask': ASK,
  };
  return {
    tag: `lastgood-testbed/small:${release}`,
    dockerfile: `FROM ${base}\nCOPY root/ /\nCMD ["serve"]\n`,
    content: JSON.stringify([base, files]),
    fill(context) {
      for (const [path, text] of Object.entries(files)) {
        const file = join(context, 'root', path);
        mkdirSync(join(file, '..'), { recursive: true });
        writeFileSync(file, text);
        chmodSync(file, 0o755);
      }
    },
  };
}
