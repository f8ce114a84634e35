import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { PlatformName, ReleaseId, TargetId } from '../../src/plan/ids.ts';
import { createDirectorySnapshotStore } from '../../src/snapshots/directory-store.ts';
import type { SnapshotAbout, SnapshotReader } from '../../src/snapshots/store.ts';
import { plainLook, RUN } from './plain-call.ts';
import type { SnapshottableWorld } from './snapshottable.ts';

const ABOUT: SnapshotAbout = {
  platform: 'test' as PlatformName,
  release: 'b' as ReleaseId,
  run: RUN,
  consistency: 'stopped',
};
const NOTHING_ELSE = { rows: {}, notes: [] };

interface Snapshots extends Pick<SnapshottableWorld, 'makeWriter'> {
  /** An empty directory of this test file, removed at its end. */
  makeDirectory(): Promise<string>;
  /** A snapshot of one artifact with these bytes. */
  snapshotOf(target: TargetId, bytes: AsyncIterable<Uint8Array>): Promise<SnapshotReader>;
}

/** Real snapshots, each in a directory store of its own. Called at a file's top level, where `after` is its end. */
export function useSnapshots(): Snapshots {
  const directories: string[] = [];
  after(() => Promise.all(directories.map(path => rm(path, { recursive: true, force: true }))));
  const makeDirectory = async (): Promise<string> => {
    const directory = await mkdtemp(join(tmpdir(), 'lastgood-snapshots-test-'));
    directories.push(directory);
    return directory;
  };
  const makeWriter: Snapshots['makeWriter'] = async () => {
    const store = createDirectorySnapshotStore({ directory: await makeDirectory() });
    const writer = await store.create(ABOUT);
    return { writer, published: async () => store.open((await writer.publish(NOTHING_ELSE)).id) };
  };
  return {
    makeDirectory,
    makeWriter,
    async snapshotOf(target, bytes) {
      const { writer, published } = await makeWriter();
      await writer.write(target, bytes, { signal: plainLook().signal, progress: () => undefined });
      return published();
    },
  };
}
