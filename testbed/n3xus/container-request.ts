import type Docker from 'dockerode';
import { type PlatformImages, POSTGRES_DATA, SERVICE_DATA } from './images.ts';
import { NGINX_DIRECTORY, NGINX_PORT } from './nginx-config.ts';
import { OURS } from './ownership.ts';
import { healthRetries, memoryLimit, PG_PASSWORD, type Release, serviceEnv } from './releases.ts';
import { SERVICES, type ServiceEntry } from './service/directory.ts';

export const NETWORK = 'nexus';
export const VOLUMES = ['postgres-data', 'ledger-data', 'wallet-data'] as const;

/** What all containers of one platform are made from. */
export interface Blueprint {
  readonly images: PlatformImages;
  readonly release: Release;
  /** As `parseFaults` reads them. */
  readonly faults: string;
  /** Absolute: holds `nginx/` and `control/`. */
  readonly directory: string;
  /** The published port of the ingress, on loopback. */
  readonly port: number;
  /** `10.1.2`: the first three parts of the network's addresses. */
  readonly subnet: string;
  /** The Docker Compose project that shall find these containers as its own. */
  readonly project?: string | undefined;
}

type Request = Docker.ContainerCreateOptions;
const MIB = 1024 * 1024;
const SECOND = 1_000_000_000;

/** The ingress and every service, in start order: the ingress last. */
export const containerRequests = (from: Blueprint): readonly Request[] =>
  [...SERVICES.map(service => containerRequest(service, from)), nginxRequest(from)].map(request =>
    from.project === undefined ? request : inProject(request, from.project),
  );

/** By these labels Docker Compose knows a container of a project; without its hash it makes it again when it brings it up. */
const inProject = (request: Request, project: string): Request => ({
  ...request,
  Labels: {
    ...request.Labels,
    'com.docker.compose.project': project,
    'com.docker.compose.service': request.name!,
    'com.docker.compose.container-number': '1',
    'com.docker.compose.oneoff': 'False',
    // Older ones named their containers otherwise.
    'com.docker.compose.version': '1.29.2',
  },
});

function containerRequest(service: ServiceEntry, from: Blueprint): Request {
  if (service.role === 'postgres') return postgresRequest(from);
  if (service.role === 'redis') return redisRequest(from);
  const { release } = from;
  const volume = service.role === 'ledger' ? 'ledger-data' : service.role === 'wallet' ? 'wallet-data' : undefined;
  return {
    ...named(service.name, service.tier, release),
    Image: from.images.service[release],
    Hostname: service.name,
    Env: serviceEnv(service, release, from.faults),
    ExposedPorts: { [`${service.port}/tcp`]: {} },
    Healthcheck: {
      Test: ['CMD', 'node', '--max-old-space-size=32', '/srv/nexus/healthcheck.mjs'],
      Interval: 60 * SECOND,
      Timeout: 5 * SECOND,
      StartPeriod: 5 * SECOND,
      Retries: healthRetries(release),
    },
    HostConfig: {
      ...limits(memoryLimit(release)),
      // A tier at the edge of trust gets less.
      ...(service.tier === 4 ? { CapDrop: ['ALL'], ReadonlyRootfs: true, Tmpfs: { '/tmp': 'size=4m' } } : {}),
      Binds: [
        `${from.directory}/control:/etc/nexus/control:ro`,
        ...(volume === undefined ? [] : [`${volume}:${SERVICE_DATA}`]),
      ],
    },
    ...attached([`${service.name}.nexus.internal`, ...(service.role === 'api' ? ['api'] : [])]),
  };
}

/** The stores are the same container in every release: a deploy stops and starts them, and no more. */
function postgresRequest(from: Blueprint): Request {
  return {
    ...named('postgres', 0, 'store'),
    Image: from.images.postgres,
    Env: [`POSTGRES_PASSWORD=${PG_PASSWORD}`, 'TZ=UTC'],
    StopSignal: 'SIGINT',
    StopTimeout: 30,
    Healthcheck: { Test: ['CMD', 'pg_isready', '-U', 'nexus'], Interval: 30 * SECOND, Timeout: 5 * SECOND, Retries: 3 },
    HostConfig: {
      ...limits(256),
      Tmpfs: { '/run/postgresql': 'uid=101,gid=103,mode=2775' },
      ShmSize: 64 * MIB,
      Mounts: [{ Type: 'volume', Source: 'postgres-data', Target: POSTGRES_DATA }],
    },
    ...attached(['db'], `${from.subnet}.200`),
  };
}

function redisRequest(from: Blueprint): Request {
  return {
    ...named('redis', 0, 'store'),
    Image: from.images.redis,
    Healthcheck: { Test: ['CMD', 'redis-cli', 'ping'], Interval: 30 * SECOND, Timeout: 5 * SECOND, Retries: 3 },
    HostConfig: { ...limits(96), Sysctls: { 'net.core.somaxconn': '512' } },
    ...attached(['cache'], `${from.subnet}.201`),
  };
}

function nginxRequest(from: Blueprint): Request {
  return {
    ...named('nginx', 'ingress', from.release),
    Image: from.images.nginx[from.release],
    ExposedPorts: { [`${NGINX_PORT}/tcp`]: {} },
    StopSignal: 'SIGQUIT',
    StopTimeout: 10,
    HostConfig: {
      ...limits(96),
      Tmpfs: { '/run': 'size=16m' },
      Binds: [`${from.directory}/nginx:${NGINX_DIRECTORY}:ro`],
      PortBindings: { [`${NGINX_PORT}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: String(from.port) }] },
    },
    ...attached(['ingress']),
  };
}

const named = (name: string, tier: number | string, version: string) => ({
  name,
  Labels: { ...OURS, 'com.nexus.service': name, 'com.nexus.tier': String(tier), 'com.nexus.release': version },
});

const limits = (mib: number) => ({
  NetworkMode: NETWORK,
  RestartPolicy: { Name: 'always' },
  Memory: mib * MIB,
  PidsLimit: 128,
  Ulimits: [{ Name: 'nofile', Soft: 4096, Hard: 4096 }],
  SecurityOpt: ['no-new-privileges'],
  LogConfig: { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '1' } },
});

const attached = (aliases: string[], address?: string) => ({
  NetworkingConfig: {
    EndpointsConfig: {
      [NETWORK]: { Aliases: aliases, ...(address === undefined ? {} : { IPAMConfig: { IPv4Address: address } }) },
    },
  },
});
