import { createScriptedHost } from '../../../src/drivers/scripted/host.ts';
import { type Tree, World, well } from '../../../src/drivers/scripted/world.ts';
import { seconds } from '../../../src/plan/duration.ts';
import type { GateName, HostName } from '../../../src/plan/ids.ts';
import type { ContainerTarget, FilesTarget, VolumeTarget } from '../../../src/plan/plan.ts';
import type { GateScene, GateWorld } from '../../contracts/gate.ts';
import { plainLook } from '../../contracts/plain-call.ts';
import { useSnapshots } from '../../contracts/snapshots.ts';
import type { SnapshottableWorld } from '../../contracts/snapshottable.ts';
import type { StoppableWorld } from '../../contracts/stoppable.ts';
import { containerTarget, filesTarget, freshName, volumeTarget } from '../../contracts/targets.ts';
import type { World as ContractWorld, Scene } from '../../contracts/world.ts';

/** One scripted world, and scenes in it as on a real engine. */
export const world = new World();
world.behaviours.set('stubborn', { ...well, ignoresStop: true });
world.lost.add('lost');
export const host = createScriptedHost(world);
/** Another worker's connection to the same engine. */
export const beside = createScriptedHost(world);

interface Made {
  readonly version?: string;
  readonly settings?: string;
  readonly policy?: string;
  readonly volumes?: readonly string[];
}

function runContainer(name: string, { version = 'A', settings = 'now', policy = 'no', volumes = [] }: Made = {}): void {
  const started = world.nextId();
  const stands = { policy, volumes, activity: 'running', restarts: 0, started } as const;
  world.containers.set(name, { id: world.nextId(), version, settings, ...stands });
}

export function containers(): StoppableWorld<ContainerTarget> {
  const driver = host.of('docker');
  const makeScene = async (live: Made = {}, release = 'B'): Promise<Scene<ContainerTarget>> => {
    const target = containerTarget(freshName('service'));
    const name = target.container;
    runContainer(name, { ...live, version: release, settings: 'of the release' });
    const recorded = await driver.record(target, plainLook());
    runContainer(name, live);
    return {
      target,
      release: recorded,
      seen: async () => (world.container(name).settings === 'of the release' ? 'B' : 'A'),
      removeLive: async () => void world.containers.delete(name),
      remakeLive: async () => runContainer(name, { ...live, settings: 'theirs' }),
      changeSetting: async () => runContainer(name, { ...live, settings: 'now, and more' }),
      async halt() {
        world.container(name).activity = 'exited';
      },
    };
  };
  return {
    kind: 'docker',
    driver,
    elsewhere: [],
    without: ['retain'],
    makeScene: () => makeScene(),
    makeLost: () => makeScene({}, 'lost'),
    makeAlways: () => makeScene({ policy: 'always' }),
    makeStubborn: () => makeScene({ version: 'stubborn' }),
  };
}

export function volumes(): SnapshottableWorld<VolumeTarget> {
  const driver = host.of('docker-volume');
  const { makeWriter, snapshotOf } = useSnapshots();
  const bytesOf = async function* (tree: Tree): AsyncIterable<Uint8Array> {
    yield Buffer.from(JSON.stringify(tree));
  };
  return {
    kind: 'docker-volume',
    driver,
    elsewhere: [],
    without: ['makeLost', 'remakeLive', 'changeSetting', 'retain'],
    count: { by: 'lines', file: 'rows' },
    rows: 2,
    makeWriter,
    async makeScene() {
      const target = volumeTarget(freshName('store'));
      const live = { version: 'A', rows: 2 };
      world.volumes.set(target.volume, { live, staged: new Map(), outgoing: new Map() });
      return {
        target,
        release: await driver.record(target, plainLook()),
        snapshot: await snapshotOf(target.id, bytesOf({ version: 'B', rows: 1 })),
        seen: async () => world.volumes.get(target.volume)?.live.version as 'A' | 'B',
        removeLive: async () => void world.volumes.delete(target.volume),
      };
    },
    async use({ target }) {
      const name = freshName('user');
      runContainer(name, { volumes: [target.volume] });
      return { name, end: async () => void world.containers.delete(name) };
    },
    async loseRows({ target }) {
      Object.assign(world.volumes.get(target.volume)!, { uncountable: true });
    },
  };
}

export function files(): ContractWorld<FilesTarget> {
  const driver = host.of('files');
  return {
    kind: 'files',
    driver,
    elsewhere: [],
    without: ['makeLost', 'remakeLive', 'changeSetting', 'retain'],
    async makeScene() {
      const target = filesTarget(`/etc/${freshName('conf')}`);
      const file = { live: 'B', staged: new Map(), outgoing: new Map() };
      world.files.set(target.path, file);
      const release = await driver.record(target, plainLook());
      file.live = 'A';
      return {
        target,
        release,
        seen: async () => file.live as 'A' | 'B',
        removeLive: async () => void world.files.delete(target.path),
      };
    },
  };
}

export function gates(): GateWorld {
  return {
    gate: host.gate,
    async makeGate(): Promise<GateScene> {
      const container = freshName('gate');
      runContainer(container, { policy: 'always' });
      return {
        spec: {
          name: container as GateName,
          host: 'main' as HostName,
          container,
          by: 'stop',
          grace: seconds(5),
          observe: { http: 'http://127.0.0.1/', shut: 'refused' },
        },
        observe: () => host.of('docker').observe(containerTarget(container), plainLook()),
        remove: async () => void world.containers.delete(container),
        answerBeside: async () => void world.beside.set(container, 'answers'),
        keepSilent: async () => void world.beside.set(container, 'keeps silent'),
      };
    },
  };
}
