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
    form: 'a link-local address',
    on: 'hub',
    want: true,
    see: async at => (await at.proc('net/fib_trie')).includes('169.254.65.78'),
    lose: ({ joins }) => void delete joins['odd-back']?.IPAMConfig?.LinkLocalIPs,
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
