import type { Body, OddRequest } from './form.ts';
import type { OddImages, OddRelease } from './images.ts';

/** On everything that the platform is made of, and on nothing else. */
export const OURS = { 'lastgood.testbed': 'odd' } as const;
/** Planted in every container's environment: it may stand nowhere else. */
export const CANARY = 'canary-41c9d0-do-not-print';

export const VOLUMES = ['odd-named', 'odd-readonly', 'odd-nocopy', 'odd-mounted'] as const;
/** Data of the plan. */
export const STORE = VOLUMES[0];

/** Name -> tier; the gate has none. Within a tier the order is the graph's. */
export const TIERS = {
  base: 'first',
  vault: 'first',
  hub: 'first',
  sidecar: 'first',
  linked: 'first',
  watcher: 'second',
  reader: 'second',
  strict: 'second',
  free: 'second',
  onhost: 'second',
  gear: 'second',
  shell: 'third',
  args: 'third',
  poll: 'third',
  lazy: 'third',
  parked: 'third',
  spare: 'third',
  gate: '',
} as const;
export type OddName = keyof typeof TIERS;
export const NAMES = Object.keys(TIERS) as OddName[];

/** Of loopback unless it says otherwise. */
export interface OddPorts {
  readonly gate: number;
  readonly fixed: number;
  readonly udp: number;
  readonly several: readonly [number, number];
  /** First of ten. */
  readonly range: number;
}

export interface Blueprint {
  readonly images: OddImages;
  readonly release: OddRelease;
  /** Absolute: `control/`, `bind/`, `bind-ro/`, `private/`, `mounted/`. */
  readonly directory: string;
  readonly ports: OddPorts;
  /** `10.201.`: of the engine's own range. */
  readonly prefix: string;
}

/** Of the two networks that have a range; the third has the engine's choice. */
export const addressesOf = (prefix: string) => ({
  front: { subnet: `${prefix}64.0/24`, hub: `${prefix}64.77`, subnet6: `fd6c:67:${prefix.split('.')[1]}::/64` },
  hub6: `fd6c:67:${prefix.split('.')[1]}::77`,
  back: { subnet: `${prefix}65.0/24`, hub: `${prefix}65.78`, hubLocal: '169.254.65.78' },
});

/** Everything with everything: what each container of v1 is asked for. */
export function requestsOf(from: Blueprint): OddRequest[] {
  const { ports, directory } = from;
  const at = addressesOf(from.prefix);
  const local = (port: number | '') => ({ HostIp: '127.0.0.1', HostPort: String(port) });
  const of = (
    name: OddName,
    HostConfig: Record<string, unknown>,
    config: Record<string, unknown> = {},
    joins: OddRequest['joins'] = {},
  ): OddRequest => ({
    name,
    joins,
    body: {
      Image: from.images[from.release],
      Cmd: ['idle'],
      ...config,
      Labels: { ...OURS, ...(config['Labels'] as object | undefined) },
      Env: [`SERVICE=${name}`, `TOKEN=${CANARY}`, ...((config['Env'] ?? []) as string[])],
      HostConfig: {
        RestartPolicy: { Name: 'always' },
        ...HostConfig,
        Binds: [`${directory}/control:/etc/odd:ro`, ...((HostConfig['Binds'] ?? []) as string[])],
      },
    } as Body,
  });
  return [
    of(
      'base',
      {
        Dns: ['10.9.8.53', '10.9.8.54'],
        DnsSearch: ['odd.example', 'second.example'],
        DnsOptions: ['ndots:3', 'timeout:1'],
      },
      { Cmd: ['serve'], Volumes: { '/lent': {} } },
    ),
    of(
      'vault',
      {
        Binds: [
          `${VOLUMES[0]}:/named`,
          `${VOLUMES[1]}:/named-ro:ro`,
          `${VOLUMES[2]}:/bin/nocopy:nocopy`,
          `${directory}/bind:/bind`,
          `${directory}/bind-ro:/bind-ro:ro`,
          `${directory}/private:/private:private`,
        ],
        Mounts: [
          { Type: 'volume', Source: VOLUMES[3], Target: '/mounted', ReadOnly: true },
          {
            Type: 'bind',
            Source: `${directory}/mounted`,
            Target: '/mounted-bind',
            BindOptions: { Propagation: 'private' },
          },
        ],
        Tmpfs: { '/scratch': 'size=2m,mode=1700,noexec' },
      },
      { Volumes: { '/own': {} } },
    ),
    of(
      'hub',
      {
        NetworkMode: 'odd-front',
        IpcMode: 'shareable',
        ExtraHosts: ['oracle:10.9.8.7', 'six:fd00::7'],
        Sysctls: { 'net.ipv4.ip_unprivileged_port_start': '81', 'kernel.msgmax': '16384' },
        LogConfig: { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '2', labels: 'odd.team' } },
        PortBindings: {
          '7001/tcp': [local(ports.fixed)],
          '7002/tcp': [{ HostIp: '', HostPort: '' }],
          '7003/tcp': [local('')],
          '7004/tcp': [{ HostIp: '127.0.0.1', HostPort: `${ports.range}-${ports.range + 9}` }],
          '7005/udp': [local(ports.udp)],
          '7006/tcp': [local(ports.several[0]), local(ports.several[1])],
        },
      },
      {
        Cmd: ['serve'],
        Hostname: 'hub-host',
        Domainname: 'odd.example',
        MacAddress: '02:42:0a:09:08:07',
        ExposedPorts: Object.fromEntries(
          ['7001/tcp', '7002/tcp', '7003/tcp', '7004/tcp', '7005/udp', '7006/tcp', '7999/tcp'].map(port => [port, {}]),
        ),
        NetworkingConfig: {
          EndpointsConfig: {
            'odd-front': {
              Aliases: ['api', 'api.odd'],
              IPAMConfig: { IPv4Address: at.front.hub, IPv6Address: at.hub6 },
            },
          },
        },
      },
      {
        'odd-back': {
          Aliases: ['side-door'],
          IPAMConfig: { IPv4Address: at.back.hub, LinkLocalIPs: [at.back.hubLocal] },
        },
        'odd-any': {},
      },
    ),
    of('sidecar', { NetworkMode: 'container:hub', LogConfig: { Type: 'none', Config: {} } }),
    of('linked', { Links: ['base:database', 'base:db2'] }),
    of('watcher', { PidMode: 'container:hub', IpcMode: 'container:hub' }),
    of('reader', { VolumesFrom: ['vault:ro', 'base'] }),
    of(
      'strict',
      {
        ReadonlyRootfs: true,
        CapDrop: ['ALL'],
        CapAdd: ['NET_BIND_SERVICE', 'SYS_NICE'],
        SecurityOpt: ['no-new-privileges', 'seccomp=unconfined'],
        Ulimits: [
          { Name: 'nofile', Soft: 1000, Hard: 2000 },
          { Name: 'core', Soft: 0, Hard: 0 },
        ],
        Memory: 48 * 1024 * 1024,
        MemorySwap: -1,
        MemoryReservation: 24 * 1024 * 1024,
        MemorySwappiness: 0,
        OomKillDisable: true,
        CpuShares: 512,
        CpuPeriod: 50_000,
        CpuQuota: 20_000,
        CpusetCpus: '0',
        PidsLimit: 60,
        OomScoreAdj: 321,
        ShmSize: 2 * 1024 * 1024,
        GroupAdd: ['20', '4000'],
      },
      { User: '1000:1001', WorkingDir: '/data' },
    ),
    of('free', {
      NetworkMode: 'none',
      PidMode: 'host',
      UTSMode: 'host',
      CgroupnsMode: 'private',
      UsernsMode: 'host',
      Runtime: 'io.containerd.runc.v2',
      NanoCpus: 400_000_000,
    }),
    of('onhost', { NetworkMode: 'host', IpcMode: 'host' }, { Hostname: 'not-the-host' }),
    of('gear', {
      // Not in a container that lends its volumes: engines cannot lend this one.
      Mounts: [{ Type: 'tmpfs', Target: '/mounted-tmp', TmpfsOptions: { SizeBytes: 1_048_576, Mode: 0o1770 } }],
      Devices: [
        { PathOnHost: '/dev/null', PathInContainer: '/dev/nothing', CgroupPermissions: 'r' },
        { PathOnHost: '/dev/fuse', PathInContainer: '/dev/fuse', CgroupPermissions: 'rwm' },
      ],
      DeviceCgroupRules: ['c 42:* rmw'],
      MaskedPaths: [],
      ReadonlyPaths: [],
      CgroupParent: '/odd-parent',
      IpcMode: 'private',
    }),
    of(
      'shell',
      { Init: true },
      {
        Entrypoint: [''],
        Cmd: ['sh', '-c', "trap 'exit 0' TERM INT QUIT; while :; do sleep 1; done", 'shell', 'with a blank', ''],
        Tty: true,
        OpenStdin: true,
        StopSignal: 'SIGQUIT',
        StopTimeout: 3,
        Labels: {
          'odd.empty': '',
          'odd.unicode': 'žluťoučký ☃ \u{1f680}',
          'odd.equals': 'a=b=c',
          'odd.long': 'x'.repeat(6_000),
          'odd.lines': 'one\ntwo\t"three"',
          'odd.both': 'of the container',
          constructor: 'a name that objects have already',
        },
        Env: [
          'EMPTY=',
          'UNICODE=žluťoučký ☃',
          'LINES=one\ntwo',
          'EQUALS=a=b=c',
          'BLANKS=  x  ',
          'QUOTES="$HOME" \'`',
          `LONG=${'y'.repeat(6_000)}`,
          'OLD=of the container',
          'DROP',
        ],
      },
    ),
    of(
      'args',
      { Init: false },
      { Entrypoint: ['/bin/entry', 'idle'], Cmd: ['', '--flag=ž', 'two words'], Env: ['OLD='] },
    ),
    of(
      'poll',
      { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 }, PublishAllPorts: true },
      {
        Cmd: ['serve'],
        StopTimeout: 0,
        Healthcheck: {
          Test: ['CMD-SHELL', 'wget -q -O /dev/null http://127.0.0.1:8080/health'],
          Interval: 2_000_000_000,
          Timeout: 1_500_000_000,
          StartPeriod: 3_000_000_000,
          Retries: 4,
        },
      },
    ),
    of(
      'lazy',
      { RestartPolicy: { Name: 'unless-stopped' }, LogConfig: { Type: 'local', Config: { 'max-file': '3' } } },
      { Healthcheck: { Test: ['NONE'] } },
    ),
    of('parked', { RestartPolicy: { Name: 'no' } }, { Cmd: ['once'] }),
    // Never started: not every machine has all that a privileged one is given.
    of('spare', { RestartPolicy: { Name: 'no' }, Privileged: true }),
    of('gate', { NetworkMode: 'odd-any', PortBindings: { '8080/tcp': [local(ports.gate)] } }, { Cmd: ['serve'] }),
  ];
}
