import { stat } from 'node:fs/promises';
import { BlockList, isIP } from 'node:net';
import { normalize } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Look } from '../contract.ts';
import type { DockerClient } from './client.ts';
import type { JsonObject } from './json.ts';
import { reaches } from './mounted-by.ts';
import type { CreateRequest } from './request.ts';

/** Networks that every engine has, and that take no address from whoever asks. */
const GIVEN = ['default', 'bridge'];

/**
 * What an engine would find only when the container is started, or would make up for in silence: a network, a volume or
 * a path of the host that was removed since, an address that its network does not have. One sentence each, with what to do.
 * @param files paths that the plan puts back: what is mounted from there may come back with the release
 */
export async function faultsOfMaking(
  client: DockerClient,
  request: CreateRequest,
  files: readonly string[],
  look: Look,
): Promise<string[]> {
  const networks = Object.entries(request.networks).map(([name, endpoint]) =>
    networkFaults(client, name, endpoint, look),
  );
  const volumes = namedVolumes(request).map(name => volumeFaults(client, name, look));
  const paths = boundPaths(request)
    .filter(source => !files.some(path => reaches(source, plain(path))))
    .map(pathFaults);
  return (await Promise.all([...networks, ...volumes, ...paths])).flat();
}

async function networkFaults(client: DockerClient, name: string, endpoint: JsonObject, look: Look): Promise<string[]> {
  const wanted = fixedAddresses(endpoint);
  if (GIVEN.includes(name))
    return wanted.map(
      ip => `the release wants address ${ip} in the engine's own network, which gives none: use a network of your own`,
    );
  const call = `inspect network ${name}`;
  const found = await client.find(call, look.signal, docker => docker.getNetwork(name).inspect());
  if (found?.Name !== name)
    return [`network ${name} of the release is not on the engine: make it again (docker network create ${name})`];
  const ranges: readonly { readonly Subnet?: string | undefined }[] = found.IPAM?.Config ?? [];
  return wanted
    .filter(ip => !ranges.some(({ Subnet }) => Subnet !== undefined && isWithin(ip, Subnet)))
    .map(
      ip =>
        `address ${ip} of the release is not in network ${name} (${ranges.map(({ Subnet }) => Subnet).join(', ') || 'no range'}): make that network again with the range it had`,
    );
}

/** What must be of the network's own range: a link-local address, which stands beside them as a list, never is. */
function fixedAddresses({ IPAMConfig }: JsonObject): string[] {
  const { IPv4Address, IPv6Address } = (IPAMConfig ?? {}) as { IPv4Address?: string; IPv6Address?: string };
  return [IPv4Address, IPv6Address].filter(ip => ip !== undefined);
}

function isWithin(ip: string, subnet: string): boolean {
  const [base = '', bits = ''] = subnet.split('/');
  const family = isIP(base) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(base) !== isIP(ip)) return false;
  const list = new BlockList();
  list.addSubnet(base, Number(bits), family);
  return list.check(ip, family);
}

/** A volume that is not there would be made anew, and be empty. */
async function volumeFaults(client: DockerClient, name: string, look: Look): Promise<string[]> {
  const call = `inspect volume ${name}`;
  const found = await client.find(call, look.signal, docker => docker.getVolume(name).inspect());
  if (found !== undefined) return [];
  return [
    `volume ${name} of the release is not on the engine, and would be made anew without its data: bring it back first (docker volume create ${name}, if it may be empty)`,
  ];
}

/** A link that leads nowhere is as good as none: what it led to is what would be mounted. */
async function pathFaults(source: string): Promise<string[]> {
  const code = await lookedUp(source);
  if (code !== 'ENOENT' && code !== 'ENOTDIR') return [];
  return [
    `${source}, which the release mounts, is not on this host, and at best the engine would make an empty directory of it: bring it back first (mkdir -p ${source}, if it may be empty)`,
  ];
}

/** A path of a file server that is gone answers never, and a look at it takes one of the process's few threads: one at a time. */
const PATH_MS = 5_000;
let looking: Promise<unknown> = Promise.resolve();

/** @returns why it is not there; undefined where it is, or nobody can say it */
function lookedUp(source: string): Promise<string | undefined> {
  const look = looking.then(() =>
    stat(source).then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error.code,
    ),
  );
  looking = look;
  return Promise.race([look, pause(PATH_MS, undefined, { ref: false })]);
}

function namedVolumes(request: CreateRequest): string[] {
  const binds = bindSources(request).filter(source => source !== '' && !source.startsWith('/'));
  return [...new Set([...binds, ...mountSources(request, 'volume')])];
}

function boundPaths(request: CreateRequest): string[] {
  const binds = bindSources(request).filter(source => source.startsWith('/'));
  return [...new Set([...binds, ...mountSources(request, 'bind')].map(plain))];
}

const bindSources = ({ hostConfig }: CreateRequest): string[] =>
  ((hostConfig['Binds'] ?? []) as string[]).map(bind => bind.split(':')[0] ?? '');

const mountSources = ({ hostConfig }: CreateRequest, type: 'volume' | 'bind'): string[] =>
  ((hostConfig['Mounts'] ?? []) as { Type: string; Source?: string }[]).flatMap(({ Type, Source }) =>
    Type === type && Source !== undefined ? [Source] : [],
  );

/** `/srv//app/` is `/srv/app`. */
const plain = (path: string): string => normalize(path).replace(/(.)\/$/, '$1');
