import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { ensureTinyImages, TINY_IMAGES } from '../docker/tiny-images.ts';
import { type Build, ensureImage } from '../n3xus/ensure-image.ts';
import type { Say } from '../say.ts';

export type OddRelease = 'v1' | 'v2';
/** What containers of each release are created from. */
export type OddImages = Readonly<Record<OddRelease, string>>;

/** Two releases of one program, 2 MB each, whose image says something of everything, so that a container may say otherwise. */
export async function ensureOddImages(engine: Docker, say: Say): Promise<OddImages> {
  await ensureTinyImages({ client: engine }, { say });
  const builds = { v1: buildOf('v1', TINY_IMAGES[0]), v2: buildOf('v2', TINY_IMAGES[1]) };
  await ensureImage(engine, builds.v1, say);
  await ensureImage(engine, builds.v2, say);
  return { v1: builds.v1.tag, v2: builds.v2.tag };
}

/**
 * `serve` answers on port 8080, `idle` does nothing, `once` ends well. What stands in the file of its name under
 * /etc/odd is a fault of the world around it: `v1:no-start` ends release v1 with 1 at once.
 */
const ENTRY = `#!/bin/sh
case "$(cat /etc/odd/$SERVICE 2>/dev/null)" in *"v$VERSION:no-start"*) exit 1 ;; esac
trap 'exit 0' TERM INT QUIT
case "$1" in
once) exit 0 ;;
serve) httpd -f -p 8080 -h /www & ;;
*) sleep 1000000 & ;;
esac
while :; do wait; sleep 1; done
`;

const DOCKERFILE = `COPY root/ /
ENV OLD="of the image" DROP="of the image"
LABEL odd.image="of the image" odd.both="of the image"
VOLUME /cache
EXPOSE 8080 9100/udp
HEALTHCHECK --interval=60s --timeout=5s --retries=5 CMD true
WORKDIR /www
STOPSIGNAL SIGINT
ENTRYPOINT ["/bin/entry"]
CMD ["serve"]
`;

const buildOf = (release: OddRelease, base: string): Build => ({
  tag: `lastgood-testbed/odd:${release}`,
  dockerfile: `FROM ${base}\n${DOCKERFILE}`,
  content: JSON.stringify([base, ENTRY]),
  fill(context) {
    const file = join(context, 'root', 'bin', 'entry');
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, ENTRY);
    chmodSync(file, 0o755);
  },
});
