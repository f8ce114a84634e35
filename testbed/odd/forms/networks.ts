import { readlink } from 'node:fs/promises';
import type Docker from 'dockerode';
import { type Form, less, lessHost, type OddRequest, withHost } from '../form.ts';
import type { Seen } from '../seen.ts';

interface Endpoint {
  readonly Aliases?: string[] | null;
  readonly IPAddress: string;
  readonly GlobalIPv6Address: string;
  readonly MacAddress: string;
}
const endpoint = ({ found }: Seen, network: string): Endpoint | undefined => found.NetworkSettings.Networks[network];
const first = ({ body }: OddRequest): Docker.EndpointSettings =>
  body.NetworkingConfig?.EndpointsConfig?.['odd-front'] ?? {};
const lessAddress =
  (...kinds: readonly ('IPv4Address' | 'IPv6Address')[]): Form['lose'] =>
  request => {
    const { IPAMConfig } = first(request);
    for (const kind of kinds) delete IPAMConfig?.[kind];
  };
const host = (address: string | undefined): string => (address ?? '').replace(/^.*[.:]/, '');
/** `0.0.0.0` and `::` are one wish, told as often as the engine listens. */
const published = ({ found }: Seen, port: string) =>
  [
    ...new Set(
      (found.NetworkSettings.Ports[port] ?? []).map(({ HostIp, HostPort }) => {
        const at = HostIp === '127.0.0.1' ? 'loopback' : 'everywhere';
        return `${at} ${Number(HostPort) > 0 ? 'a port' : 'none'}`;
      }),
    ),
  ].sort();
const exactly = async ({ found }: Seen, port: string) => {
  const asked = found.HostConfig.PortBindings as Record<string, { HostPort: string }[]>;
  const wanted = (asked[port] ?? []).map(({ HostPort }) => HostPort).sort();
  const got = (found.NetworkSettings.Ports[port] ?? []).map(({ HostPort }) => HostPort).sort();
  return { ports: wanted.length, fixed: wanted.every(text => text !== ''), asIs: wanted.join() === got.join() };
};
const unpublish =
  (port: string): Form['lose'] =>
  ({ body }) => {
    delete (body.HostConfig['PortBindings'] as Record<string, unknown> | undefined)?.[port];
  };
const republish =
  (port: string, HostIp: string, HostPort: string): Form['lose'] =>
  ({ body }) => {
    const bindings = body.HostConfig['PortBindings'] as Record<string, unknown> | undefined;
    if (bindings?.[port] !== undefined) bindings[port] = [{ HostIp, HostPort }];
  };

export const NETWORKS: readonly Form[] = [
  {
    form: 'a second and a third network',
    on: 'hub',
    want: ['odd-any', 'odd-back', 'odd-front'],
    see: ({ found }) => Object.keys(found.NetworkSettings.Networks).sort(),
    lose: ({ joins }) => {
      for (const network of Object.keys(joins)) delete joins[network];
    },
  },
  {
    form: 'aliases in the first network',
    on: 'hub',
    want: ['api', 'api.odd'],
    see: at =>
      endpoint(at, 'odd-front')
        ?.Aliases?.filter(alias => alias.startsWith('api'))
        .sort(),
    lose: request => void delete first(request).Aliases,
  },
  {
    form: 'an alias in another network',
    on: 'hub',
    want: true,
    see: at => endpoint(at, 'odd-back')?.Aliases?.includes('side-door') ?? false,
    lose: ({ joins }) => void delete joins['odd-back']?.Aliases,
  },
  {
    form: 'a fixed IPv4 address',
    on: 'hub',
    want: '77',
    see: at => host(endpoint(at, 'odd-front')?.IPAddress),
    lose: lessAddress('IPv4Address'),
  },
  {
    form: 'a fixed IPv6 address',
    on: 'hub',
    want: '77',
    see: at => host(endpoint(at, 'odd-front')?.GlobalIPv6Address),
    lose: lessAddress('IPv6Address'),
  },
  {
    form: 'a fixed address in another network',
    on: 'hub',
    want: '78',
    see: at => host(endpoint(at, 'odd-back')?.IPAddress),
    lose: ({ joins }) => void delete joins['odd-back']?.IPAMConfig,
  },
  {
    form: 'a MAC address',
    on: 'hub',
    want: '02:42:0a:09:08:07',
    see: at => endpoint(at, 'odd-front')?.MacAddress,
    lose: less('MacAddress'),
  },
  {
    form: 'a host name',
    on: 'hub',
    want: 'hub-host.odd.example hub-host',
    see: async at => ((await at.file('/etc/hosts')) ?? '').match(/\S*hub-host.*/)?.[0].replace(/\s+/g, ' '),
    lose: less('Hostname'),
  },
  {
    form: 'a domain name',
    on: 'hub',
    want: 'odd.example',
    see: ({ found }) => found.Config.Domainname,
    lose: less('Domainname'),
  },
  {
    form: 'extra hosts',
    on: 'hub',
    want: ['10.9.8.7 oracle', 'fd00::7 six'],
    see: async at =>
      ((await at.file('/etc/hosts')) ?? '')
        .split('\n')
        .map(line => line.replace(/\s+/g, ' '))
        .filter(line => /oracle|six/.test(line))
        .sort(),
    lose: lessHost('ExtraHosts'),
  },
  {
    form: 'name servers in their order',
    on: 'base',
    want: ['10.9.8.53', '10.9.8.54'],
    see: async at =>
      [...((await at.file('/etc/resolv.conf')) ?? '').matchAll(/^nameserver (\S+)/gm)].map(([, ip]) => ip),
    lose: lessHost('Dns'),
  },
  {
    form: 'search domains',
    on: 'base',
    want: 'odd.example second.example',
    see: async at => /^search (.+)$/m.exec((await at.file('/etc/resolv.conf')) ?? '')?.[1],
    lose: lessHost('DnsSearch'),
  },
  {
    form: 'options of the resolver',
    on: 'base',
    want: 'ndots:3 timeout:1',
    see: async at => /^options (.+)$/m.exec((await at.file('/etc/resolv.conf')) ?? '')?.[1],
    lose: lessHost('DnsOptions'),
  },
  {
    form: 'links, two of them to one container',
    on: 'linked',
    want: { database: 'base', db2: 'base' },
    async see(at) {
      const IPAddress = endpoint(await at.of('base'), 'bridge')?.IPAddress;
      const hosts = ((await at.file('/etc/hosts')) ?? '').split('\n').filter(line => line.startsWith(`${IPAddress}\t`));
      const of = (alias: string) => (hosts.some(line => line.split(/\s+/).includes(alias)) ? 'base' : 'nobody');
      return { database: of('database'), db2: of('db2') };
    },
    lose: lessHost('Links'),
  },
  {
    form: "another container's network",
    on: 'sidecar',
    want: true,
    see: async at => (await at.namespace('net')) === (await (await at.of('hub')).namespace('net')),
    lose: lessHost('NetworkMode'),
  },
  {
    form: "another container's processes",
    on: 'watcher',
    want: true,
    see: async at => (await at.namespace('pid')) === (await (await at.of('hub')).namespace('pid')),
    lose: lessHost('PidMode'),
  },
  {
    form: "another container's memory",
    on: 'watcher',
    want: true,
    see: async at => (await at.namespace('ipc')) === (await (await at.of('hub')).namespace('ipc')),
    lose: lessHost('IpcMode'),
  },
  {
    form: 'memory that may be shared',
    on: 'hub',
    stays: true,
    want: 'shareable',
    see: ({ found }) => found.HostConfig.IpcMode,
    lose: withHost('IpcMode', 'private'),
  },
  {
    form: 'no network at all',
    on: 'free',
    want: true,
    see: async at => !(await at.proc('net/route')).includes('eth0') && 'none' in at.found.NetworkSettings.Networks,
    lose: lessHost('NetworkMode'),
  },
  {
    form: "the host's network",
    on: 'onhost',
    want: true,
    see: async at => (await at.namespace('net')) === (await readSelf('net')),
    lose: lessHost('NetworkMode'),
  },
  {
    form: "a host name of its own in the host's network",
    on: 'onhost',
    want: 'not-the-host',
    see: async at => ((await at.file('/etc/hostname')) ?? '').trim(),
    lose: less('Hostname'),
  },
  {
    form: "the host's memory",
    on: 'onhost',
    want: true,
    see: async at => (await at.namespace('ipc')) === (await readSelf('ipc')),
    lose: lessHost('IpcMode'),
  },
  {
    form: 'a port published at a fixed one of loopback',
    on: 'hub',
    want: { at: ['loopback a port'], ports: 1, fixed: true, asIs: true },
    see: async at => ({ at: published(at, '7001/tcp'), ...(await exactly(at, '7001/tcp')) }),
    lose: republish('7001/tcp', '127.0.0.1', ''),
  },
  {
    form: 'a port published at any one, everywhere',
    on: 'hub',
    want: ['everywhere a port'],
    see: at => published(at, '7002/tcp'),
    lose: unpublish('7002/tcp'),
  },
  {
    form: 'a port published at any one of loopback',
    on: 'hub',
    want: ['loopback a port'],
    see: at => published(at, '7003/tcp'),
    lose: republish('7003/tcp', '', ''),
  },
  {
    form: 'a port published in a range',
    on: 'hub',
    want: 'in a range of 10',
    see: ({ found }) => {
      const [asked] = (found.HostConfig.PortBindings as Record<string, { HostPort: string }[]>)['7004/tcp'] ?? [];
      const [from = Number.NaN, to = Number.NaN] = (asked?.HostPort ?? '').split('-').map(Number);
      const got = Number(found.NetworkSettings.Ports['7004/tcp']?.[0]?.HostPort);
      return got >= from && got <= to ? `in a range of ${to - from + 1}` : 'not in a range';
    },
    lose: republish('7004/tcp', '127.0.0.1', ''),
  },
  {
    form: 'a published UDP port',
    on: 'hub',
    want: { at: ['loopback a port'], ports: 1, fixed: true, asIs: true },
    see: async at => ({ at: published(at, '7005/udp'), ...(await exactly(at, '7005/udp')) }),
    lose: unpublish('7005/udp'),
  },
  {
    form: 'one port published twice',
    on: 'hub',
    want: { ports: 2, fixed: true, asIs: true },
    see: at => exactly(at, '7006/tcp'),
    lose: ({ body }) => {
      const bindings = body.HostConfig['PortBindings'] as Record<string, unknown[]> | undefined;
      bindings?.['7006/tcp']?.splice(1);
    },
  },
  {
    form: 'a port exposed and not published',
    on: 'hub',
    want: { exposed: true, published: false },
    see: ({ found }) => ({
      exposed: '7999/tcp' in (found.Config.ExposedPorts ?? {}),
      published: (found.NetworkSettings.Ports['7999/tcp'] ?? null) !== null,
    }),
    lose: ({ body }) => void delete (body.ExposedPorts as Record<string, unknown> | undefined)?.['7999/tcp'],
  },
  {
    form: 'all exposed ports published',
    on: 'poll',
    want: ['8080/tcp', '9100/udp'],
    see: ({ found }) =>
      Object.entries(found.NetworkSettings.Ports)
        .flatMap(([port, at]) => (at === null ? [] : [port]))
        .sort(),
    lose: lessHost('PublishAllPorts'),
  },
  {
    form: 'a kernel setting of its network',
    on: 'hub',
    want: '81',
    see: at => at.sysctl('net.ipv4.ip_unprivileged_port_start'),
    lose: ({ body }) =>
      void delete (body.HostConfig['Sysctls'] as Record<string, unknown> | undefined)?.[
        'net.ipv4.ip_unprivileged_port_start'
      ],
  },
  {
    form: 'a kernel setting of its memory',
    on: 'hub',
    want: '16384',
    see: at => at.sysctl('kernel.msgmax'),
    lose: ({ body }) =>
      void delete (body.HostConfig['Sysctls'] as Record<string, unknown> | undefined)?.['kernel.msgmax'],
  },
];

const readSelf = (kind: 'net' | 'ipc'): Promise<string> => readlink(`/proc/self/ns/${kind}`);
