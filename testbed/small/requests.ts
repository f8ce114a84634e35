import type Docker from 'dockerode';
import type { SmallImages, SmallRelease } from './images.ts';

/** On everything that the platform is made of, and on nothing else. */
export const OURS = { 'lastgood.testbed': 'small' } as const;
export const NETWORK = 'small';
export const VOLUME = 'small-data';
/** Planted in every container's environment: it may stand nowhere else. */
export const CANARY = 'canary-8e02b7-do-not-print';

export type ServiceName = 'store' | 'cache' | 'work' | 'front' | 'gate';

/** Bottom tier first; the gate last. To whom a question is handed on. */
export const SERVICES: readonly {
  readonly name: ServiceName;
  readonly tier: string;
  readonly calls: readonly ServiceName[];
}[] = [
  { name: 'store', tier: 'stores', calls: [] },
  { name: 'cache', tier: 'stores', calls: [] },
  { name: 'work', tier: 'services', calls: ['cache'] },
  { name: 'front', tier: 'services', calls: ['work', 'store'] },
  { name: 'gate', tier: '', calls: ['front'] },
];

export interface Blueprint {
  readonly images: SmallImages;
  readonly release: SmallRelease;
  /** On the engine's own machine: holds `conf/` and `control/`. */
  readonly directory: string;
  /** Of the gate, on loopback. */
  readonly port: number;
  /** Service -> faults of its own settings, as `no-listen`. */
  readonly faults?: Readonly<Partial<Record<ServiceName, string>>>;
}

/** Every restart policy is `always`. */
export const requestsOf = (from: Blueprint): readonly Docker.ContainerCreateOptions[] =>
  SERVICES.map(({ name, calls }) => ({
    name,
    Image: from.images[from.release],
    Hostname: name,
    Labels: { ...OURS, 'small.release': from.release },
    Env: [
      `SERVICE=${name}`,
      `CALLS=${calls.join(' ')}`,
      `TOKEN=${CANARY}`,
      ...(from.release === 'v2' ? ['PRICING=dynamic'] : []),
      ...(name === 'store' ? ['JOURNAL=/data/journal.log'] : []),
      ...(from.faults?.[name] === undefined ? [] : [`FAULT=${from.faults[name]}`]),
    ],
    ExposedPorts: { '8080/tcp': {} },
    HostConfig: {
      NetworkMode: NETWORK,
      RestartPolicy: { Name: 'always' },
      Memory: (from.release === 'v1' ? 32 : 48) * 1024 * 1024,
      Binds: [
        `${from.directory}/control:/etc/small/control:ro`,
        ...(name === 'front' ? [`${from.directory}/conf:/etc/small/conf:ro`] : []),
        ...(name === 'store' ? [`${VOLUME}:/data`] : []),
      ],
      ...(name === 'gate'
        ? { PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: String(from.port) }] } }
        : {}),
    },
    NetworkingConfig: { EndpointsConfig: { [NETWORK]: { Aliases: [`${name}.small`] } } },
  }));
