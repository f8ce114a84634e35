import type { World } from '../../src/drivers/scripted/world.ts';

/** A secret in every container's settings and in the configuration file: no text may ever hold it. */
export const CANARIES = ['canary/5f3c9a71+never-print', 'conf:canary/77ab+never-print'];

/** What a scripted platform is made of. Its gate is a container named `gate`, its store a volume named `data`. */
export interface Shape {
  readonly name: string;
  readonly tiers: string;
  /** The lines of the plan's targets, given what is done about data. */
  targets(data: 'keep' | 'restore'): string;
  readonly containers: readonly ShapedContainer[];
  /** Files of one text; a target that is one is named for it: `/etc/web` is `web-conf`. */
  readonly files: readonly string[];
}

interface ShapedContainer {
  readonly name: string;
  /** `store` and `entry` are the same in every release, the others are made anew by each. */
  readonly kind: 'store' | 'service' | 'gate' | 'entry';
  readonly volumes: readonly string[];
}

const service = (name: string, tier: string): string =>
  `  ${name}: { tier: ${tier}, docker: ${name}, probes: [{ http: /health, port: 80, within: 5s }] }`;
const db = '  db: { tier: stores, docker: db, probes: [{ tcp: 5432, within: 5s }] }';
const gate = '  gate: { docker: gate }';
const data = (choice: string): string => `  data: { docker-volume: data, data: ${choice}, count: { lines: rows.log } }`;
const conf = '  web-conf: { files: /etc/web, used-by: [web] }';
const container = (name: string, kind: ShapedContainer['kind'], ...volumes: string[]): ShapedContainer => ({
  name,
  kind,
  volumes,
});

/** Three services in two tiers, one store, one configuration file, one gate. */
export const USUAL: Shape = {
  name: 'usual',
  tiers: '[stores, services]',
  targets: choice => [db, service('api', 'services'), service('web', 'services'), gate, data(choice), conf].join('\n'),
  containers: [
    container('db', 'store', 'data'),
    container('api', 'service'),
    container('web', 'service'),
    container('gate', 'gate'),
  ],
  files: ['/etc/web'],
};

/** One tier: a service that writes its own store, its file, and a gate that is rolled back too. */
export const ONE_TIER: Shape = {
  name: 'one-tier',
  tiers: '[services]',
  targets: choice => [service('web', 'services'), gate, data(choice), conf].join('\n'),
  containers: [container('web', 'service', 'data'), container('gate', 'gate')],
  files: ['/etc/web'],
};

/** Two tiers above a store that is restored, and a gate that is rolled back too. */
export const RESTORED: Shape = {
  name: 'restored',
  tiers: '[stores, services]',
  targets: choice => [db, service('web', 'services'), gate, data(choice)].join('\n'),
  containers: [container('db', 'store', 'data'), container('web', 'service'), container('gate', 'gate')],
  files: [],
};

/** Two tiers, of which one has two services side by side; the gate is no target, and there is no file. */
export const SIDE_BY_SIDE: Shape = {
  name: 'side-by-side',
  tiers: '[stores, services]',
  targets: choice => [db, service('api', 'services'), service('web', 'services'), data(choice)].join('\n'),
  containers: [
    container('db', 'store', 'data'),
    container('api', 'service'),
    container('web', 'service'),
    container('gate', 'entry'),
  ],
  files: [],
};

/** As a deploy of that release leaves the world. Data stays as it is. */
export function populate(world: World, shape: Shape, version: string): void {
  for (const { name, kind, volumes } of shape.containers) {
    world.containers.set(name, {
      id: world.nextId(),
      version: { store: 'pg15', entry: 'nginx', gate: `nginx of ${version}`, service: version }[kind],
      settings: kind === 'store' || kind === 'entry' ? kind : `settings of ${version}`,
      policy: 'always',
      activity: 'running',
      restarts: 0,
      started: world.nextId(),
      volumes,
      secret: CANARIES[0]!,
    });
  }
  if (!world.volumes.has('data'))
    world.volumes.set('data', { live: { version: 'data', rows: 100 }, staged: new Map(), outgoing: new Map() });
  for (const path of shape.files)
    world.files.set(path, { live: `${version} ${CANARIES[1]}`, staged: new Map(), outgoing: new Map() });
}
