import { copyFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { ensureBaseImage } from '../docker/images.ts';
import type { Say } from '../say.ts';
import { compileService, writeService } from './compile-service.ts';
import { type Build, ensureImage, pushImage } from './ensure-image.ts';
import { copyPackages, findPackages, nodeBinary } from './packages.ts';
import { PG_PASSWORD, RELEASES, type Release } from './releases.ts';

/** What containers are created from: by digest when there is a registry, else by tag. */
export interface PlatformImages {
  readonly service: Readonly<Record<Release, string>>;
  readonly nginx: Readonly<Record<Release, string>>;
  /** The stores' images are the same in every release. */
  readonly postgres: string;
  readonly redis: string;
}

/** Where the platform's data lies inside its containers. */
export const POSTGRES_DATA = '/var/lib/postgresql/data';
export const SERVICE_DATA = '/var/lib/nexus';

export interface PlatformImageOptions {
  readonly say: Say;
  /** `127.0.0.1:5000`: where they are pushed to, and then pulled from by digest. */
  readonly registry?: string;
}

/**
 * Builds every image of the platform on the testbed's base image. What stands already is not built again.
 * @throws Error with the engine's message
 */
export async function ensurePlatformImages(engine: Docker, options: PlatformImageOptions): Promise<PlatformImages> {
  const { registry, say } = options;
  const base = await ensureBaseImage({ client: engine }, { say });
  const baseId = (await engine.getImage(base).inspect()).Id;
  const node = nodeBuild(base, baseId);
  const nodeId = await ensureImage(engine, node, say);
  const make = async (build: Build): Promise<string> => {
    await ensureImage(engine, build, say);
    if (registry === undefined) return build.tag;
    say(`pushing ${build.tag}`);
    return pushImage(engine, build.tag, registry);
  };
  // One after another: they share layers, and the second finds those of the first.
  const service: Partial<Record<Release, string>> = {};
  const nginx: Partial<Record<Release, string>> = {};
  for (const release of RELEASES) {
    service[release] = await make(serviceBuild(node.tag, nodeId, release));
    nginx[release] = await make(nginxBuild(base, baseId, release));
  }
  const postgres = await make(postgresBuild(base, baseId));
  const redis = await make(redisBuild(base, baseId));
  return { service: service as Record<Release, string>, nginx: nginx as Record<Release, string>, postgres, redis };
}

/**
 * What every service image shares: Node, its packages, its user and the place of its data. The rest of the base goes,
 * because an engine that lists a container's changes walks all the files of its image.
 */
function nodeBuild(base: string, baseId: string): Build {
  const packages = findPackages(['pg', 'ioredis']);
  return {
    tag: 'nexus-node:base',
    dockerfile: `FROM ${base}
COPY node /usr/local/bin/node
COPY node_modules /srv/nexus/node_modules
RUN rm -rf /usr/share/* /usr/include /usr/lib/postgresql /usr/lib/systemd /var/cache /var/lib/dpkg /var/lib/postgresql \\
      /usr/lib/*-linux-gnu/gconv /usr/lib/*-linux-gnu/perl* \\
 && useradd --uid 1000 --no-create-home nexus && install -d -o nexus -g nexus ${SERVICE_DATA} \\
 && mkdir -p /etc/nexus/control && node --version
`,
    content: JSON.stringify([baseId, statSync(nodeBinary()).size, process.version, [...packages]]),
    fill(context) {
      copyFileSync(nodeBinary(), join(context, 'node'));
      copyPackages(packages, context);
    },
  };
}

function serviceBuild(node: string, nodeId: string, release: Release): Build {
  const files = compileService();
  return {
    tag: `nexus-service:${release}`,
    dockerfile: `FROM ${node}
COPY . /srv/nexus/
LABEL org.opencontainers.image.title=nexus-service org.opencontainers.image.version=${release}
ENV NODE_ENV=production UV_THREADPOOL_SIZE=2
WORKDIR /srv/nexus
USER nexus
STOPSIGNAL SIGTERM
CMD ["node", "--max-old-space-size=32", "--max-semi-space-size=1", "/srv/nexus/main.mjs"]
`,
    content: JSON.stringify([nodeId, [...files]]),
    fill(context) {
      writeService(files, context);
      writeFileSync(join(context, 'release.json'), JSON.stringify({ version: release }));
    },
  };
}

function nginxBuild(base: string, baseId: string, release: Release): Build {
  return {
    tag: `nexus-nginx:${release}`,
    dockerfile: `FROM ${base}
COPY image.conf /usr/share/nexus/image.conf
RUN mkdir -p /etc/nexus/nginx
LABEL org.opencontainers.image.title=nexus-nginx org.opencontainers.image.version=${release}
EXPOSE 8080
STOPSIGNAL SIGQUIT
CMD ["nginx", "-c", "/etc/nexus/nginx/nginx.conf", "-g", "daemon off;"]
`,
    content: baseId,
    fill: context =>
      writeFileSync(join(context, 'image.conf'), `map $host $nexus_image { default "nginx@${release}"; }\n`),
  };
}

/** The cluster is made when the image is: an empty volume is filled from it, and a new platform is up at once. */
function postgresBuild(base: string, baseId: string): Build {
  return {
    tag: 'nexus-postgres:15',
    dockerfile: `FROM ${base}
ENV PATH=/usr/lib/postgresql/15/bin:/usr/sbin:/usr/bin:/sbin:/bin PGDATA=${POSTGRES_DATA}
COPY --chown=postgres:postgres password /tmp/password
RUN install -d -o postgres -g postgres -m 2775 /run/postgresql
USER postgres
RUN initdb --username=nexus --pwfile=/tmp/password --auth-local=trust --auth-host=scram-sha-256 \\
      --encoding=UTF8 --locale=C.UTF-8 --data-checksums --no-sync \\
 && echo 'host all all all scram-sha-256' >> $PGDATA/pg_hba.conf \\
 && echo 'create database nexus' | postgres --single postgres \\
 && rm /tmp/password
LABEL org.opencontainers.image.title=nexus-postgres org.opencontainers.image.version=15
EXPOSE 5432
STOPSIGNAL SIGINT
CMD ["postgres", "-c", "listen_addresses=*", "-c", "shared_buffers=16MB", "-c", "max_connections=40"]
`,
    content: JSON.stringify([baseId, PG_PASSWORD]),
    fill: context => writeFileSync(join(context, 'password'), PG_PASSWORD),
  };
}

function redisBuild(base: string, baseId: string): Build {
  return {
    tag: 'nexus-redis:7',
    dockerfile: `FROM ${base}
RUN install -d -o redis -g redis /data
LABEL org.opencontainers.image.title=nexus-redis org.opencontainers.image.version=7
USER redis
WORKDIR /data
VOLUME /data
EXPOSE 6379
CMD ["redis-server", "--save", "", "--appendonly", "no", "--protected-mode", "no", "--dir", "/data"]
`,
    content: baseId,
  };
}
