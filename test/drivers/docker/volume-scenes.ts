import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { createVolumeDriver } from '../../../src/drivers/docker/volumes.ts';
import { packTree } from '../../../src/drivers/files/tree.ts';
import type { HostName, PlatformName, ReleaseId, TargetId } from '../../../src/plan/ids.ts';
import type { VolumeTarget } from '../../../src/plan/plan.ts';
import { createDirectorySnapshotStore } from '../../../src/snapshots/directory-store.ts';
import type { SnapshotAbout, SnapshotReader } from '../../../src/snapshots/store.ts';
import { plainLook, RUN } from '../../contracts/plain-call.ts';
import type { SnapshottableWorld } from '../../contracts/snapshottable.ts';
import type { Scene } from '../../contracts/world.ts';
import { type EngineUnderTest, TEST_LABELS } from './engine-under-test.ts';
import { fingerprint, freshName, runContainer } from './scenes.ts';

const ABOUT: SnapshotAbout = {
  platform: 'test' as PlatformName,
  release: 'b' as ReleaseId,
  run: RUN,
  consistency: 'stopped',
};
const NOTHING_ELSE = { rows: {}, notes: [] };

/** Files are the driver's own business; where they go is the directory store's. */
export function volumeWorld(engine: () => EngineUnderTest): SnapshottableWorld<VolumeTarget> {
  const directories: string[] = [];
  after(() => Promise.all(directories.map(path => rm(path, { recursive: true, force: true }))));
  const makeStore = async () => {
    const directory = await mkdtemp(join(tmpdir(), 'lastgood-volume-test-'));
    directories.push(directory);
    return createDirectorySnapshotStore({ directory });
  };
  const countSql = () => Promise.reject(new Error('no plan of this test counts by SQL'));
  const rootOf = async (volume: string) => (await engine().docker.getVolume(volume).inspect()).Mountpoint;

  async function makeWriter() {
    const store = await makeStore();
    const writer = await store.create(ABOUT);
    const published = async (): Promise<SnapshotReader> => store.open((await writer.publish(NOTHING_ELSE)).id);
    return { writer, published };
  }

  /** A directory packed as release B's data. */
  async function snapshotOf(target: VolumeTarget, files: Readonly<Record<string, string>>): Promise<SnapshotReader> {
    const tree = await mkdtemp(join(tmpdir(), 'lastgood-volume-tree-'));
    directories.push(tree);
    for (const [name, text] of Object.entries(files)) await writeFile(join(tree, name), text);
    const { writer, published } = await makeWriter();
    const look = plainLook();
    await writer.write(target.id, packTree(tree, look), { signal: look.signal, progress: () => {} });
    return published();
  }

  return {
    kind: 'docker-volume',
    elsewhere: [],
    get driver() {
      return createVolumeDriver({ client: engine().client, fingerprint, plan: { targets: [] }, countSql });
    },
    count: { by: 'lines', file: 'rows' },
    rows: 2,
    makeWriter,
    async makeScene(): Promise<Scene<VolumeTarget>> {
      const target = volumeTarget(freshName('store'));
      await engine().docker.createVolume({ Name: target.volume, Labels: TEST_LABELS });
      const root = await rootOf(target.volume);
      await writeFile(join(root, 'version'), 'A');
      await writeFile(join(root, 'rows'), 'one\ntwo\nhalf a th');
      return {
        target,
        release: await this.driver.record(target, plainLook()),
        snapshot: await snapshotOf(target, { version: 'B', rows: 'one\n' }),
        seen: async () => (await readFile(join(root, 'version'), 'utf8')) as 'A' | 'B',
        removeLive: () => engine().docker.getVolume(target.volume).remove(),
      };
    },
    async use({ target }) {
      const name = freshName('user');
      const body = { Image: engine().images.a, HostConfig: { Binds: [`${target.volume}:/data:ro`] } };
      await runContainer(engine().docker, name, body);
      return { name, end: async () => void (await engine().docker.getContainer(name).remove({ force: true })) };
    },
    loseRows: async ({ target }) => rm(join(await rootOf(target.volume), 'rows')),
  };
}

export const volumeTarget = (volume: string, more: Partial<VolumeTarget> = {}): VolumeTarget => ({
  kind: 'docker-volume',
  id: `target-of-${volume}` as TargetId,
  host: 'main' as HostName,
  volume,
  data: 'restore',
  probes: [],
  ...more,
});
