import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Driver } from '../../src/drivers/contract.ts';
import type { RowCount, Target } from '../../src/plan/plan.ts';
import type { SnapshotReader, SnapshotWriter } from '../../src/snapshots/store.ts';
import { plainCall, plainLook, RUN } from './plain-call.ts';
import { rejectsAs } from './rejects.ts';
import type { Scene, World } from './world.ts';

export interface SnapshottableWorld<T extends Target = Target> extends World<T> {
  /** A writer of an empty snapshot; `published` gives its reader. */
  makeWriter(): Promise<{ readonly writer: SnapshotWriter; published(): Promise<SnapshotReader> }>;
  /** Something that runs and uses the target until `end`; its name is in the refusal. */
  use(scene: Scene<T>): Promise<{ readonly name: string; end(): Promise<void> }>;
  /** As the scene's version A is counted, and how many rows it holds. */
  readonly count: RowCount;
  readonly rows: number;
  /** Takes away what is counted. */
  loseRows(scene: Scene<T>): Promise<void>;
}

/** What `Snapshottable` promises: a capture of what stands still, and no number where none can be had. */
export function snapshottableSuite<T extends Target>(world: () => SnapshottableWorld<T>): void {
  const driver = () => world().driver as Required<Driver<T>>;
  const capture = async (scene: Scene<T>) => {
    const { writer, published } = await world().makeWriter();
    await driver().capture(scene.target, plainLook(), writer);
    return published();
  };

  it('measures what a capture would read', async () => {
    const scene = await world().makeScene();
    assert.ok((await driver().size(scene.target, plainLook())) > 0);
  });

  it('captures one artifact, named for the target', async () => {
    const scene = await world().makeScene();
    const { manifest } = await capture(scene);
    assert.deepEqual(
      manifest.artifacts.map(({ name }) => name),
      [scene.target.id],
    );
  });

  it('restores what it captured', async () => {
    const scene = await world().makeScene();
    const snapshot = await capture(scene);
    await driver().stage(scene.target, scene.release, plainCall(), snapshot);
    await driver().swapIn(scene.target, plainCall());
    assert.equal(await scene.seen(), 'A');
    assert.equal(await driver().countRows(scene.target, world().count, plainLook()), world().rows);
  });

  it('exports what a run replaced, and restores it', async () => {
    const scene = await world().makeScene();
    const { writer, published } = await world().makeWriter();
    await rejectsAs('missing', driver().exportOutgoing(scene.target, RUN, plainLook(), writer));
    await driver().stage(scene.target, scene.release, plainCall(), scene.snapshot);
    await driver().swapIn(scene.target, plainCall());
    await driver().exportOutgoing(scene.target, RUN, plainLook(), writer);
    const exported = await published();
    await driver().settle(scene.target, plainCall());
    await driver().stage(scene.target, scene.release, plainCall(), exported);
    await driver().swapIn(scene.target, plainCall());
    assert.equal(await scene.seen(), 'A');
  });

  it('captures and swaps nothing that is in use, and says by whom', async () => {
    const scene = await world().makeScene();
    await driver().stage(scene.target, scene.release, plainCall(), scene.snapshot);
    const user = await world().use(scene);
    const { writer } = await world().makeWriter();
    await rejectsAs('conflict', driver().capture(scene.target, plainLook(), writer), user.name);
    await rejectsAs('conflict', driver().swapIn(scene.target, plainCall()), user.name);
    assert.equal(await scene.seen(), 'A');
    await user.end();
    await driver().swapIn(scene.target, plainCall());
    assert.equal(await scene.seen(), 'B');
  });

  it('counts rows, and gives no number when it cannot', async () => {
    const scene = await world().makeScene();
    assert.equal(await driver().countRows(scene.target, world().count, plainLook()), world().rows);
    await world().loseRows(scene);
    await rejectsAs('missing', driver().countRows(scene.target, world().count, plainLook()));
  });

  it('says missing when the target is not there', async () => {
    const scene = await world().makeScene();
    await scene.removeLive();
    const { writer } = await world().makeWriter();
    await rejectsAs('missing', driver().capture(scene.target, plainLook(), writer));
    await rejectsAs('missing', driver().countRows(scene.target, world().count, plainLook()));
  });
}
