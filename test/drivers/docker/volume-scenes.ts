import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createVolumeDriver } from '../../../src/drivers/docker/volumes.ts';
import { packTree } from '../../../src/drivers/files/tree.ts';
import type { VolumeTarget } from '../../../src/plan/plan.ts';
import type { SnapshotReader } from '../../../src/snapshots/store.ts';
import { plainLook } from '../../contracts/plain-call.ts';
import { useSnapshots } from '../../contracts/snapshots.ts';
import type { SnapshottableWorld } from '../../contracts/snapshottable.ts';
import { freshName, volumeTarget } from '../../contracts/targets.ts';
import type { Scene } from '../../contracts/world.ts';
import { type EngineUnderTest, TEST_LABELS } from './engine-under-test.ts';
import { fingerprint, runContainer } from './scenes.ts';

/** Files are the driver's own business; where they go is the directory store's. */
export function volumeWorld(engine: () => EngineUnderTest): SnapshottableWorld<VolumeTarget> {
  const { makeDirectory, makeWriter, snapshotOf } = useSnapshots();
  const countSql = () => Promise.reject(new Error('no plan of this test counts by SQL'));
  const rootOf = async (volume: string) => (await engine().docker.getVolume(volume).inspect()).Mountpoint;

  /** A directory packed as release B's data. */
  async function packed(target: VolumeTarget, files: Readonly<Record<string, string>>): Promise<SnapshotReader> {
    const tree = await makeDirectory();
    for (const [name, text] of Object.entries(files)) await writeFile(join(tree, name), text);
    return snapshotOf(target.id, packTree(tree, plainLook()));
  }

  return {
    kind: 'docker-volume',
    elsewhere: [],
    without: ['makeLost', 'remakeLive', 'changeSetting', 'retain'],
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
        snapshot: await packed(target, { version: 'B', rows: 'one\n' }),
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
