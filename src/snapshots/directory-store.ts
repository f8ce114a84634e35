import { mkdir, readdir, readFile, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { flushDirectory } from '../disk/durable-file.ts';
import { DriverError } from '../drivers/errors.ts';
import { isName, type PlatformName, type SnapshotId } from '../plan/ids.ts';
import { readArtifact, summed, verifyArtifact } from './artifact-reader.ts';
import { createDirectoryWriter } from './directory-writer.ts';
import { MANIFEST, parseManifest } from './manifest.ts';
import { isSnapshotId, makeSnapshotId } from './snapshot-id.ts';
import type { Manifest, SnapshotReader, SnapshotStore } from './store.ts';
import { asStoreFault, codeOf, corrupt } from './store-fault.ts';

export interface DirectoryStoreOptions {
  /** Made when it is not there, readable by its owner only: snapshots hold what the stores hold. */
  readonly directory: string;
  readonly now?: () => Date;
}

/** What a writer that died left behind is dropped after this time. */
const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1000;
const HIDDEN = '.writing-';

/**
 * Snapshots as folders of files: `<directory>/<platform>/<id>/` holds for each artifact `<name>.tar.zst`, which plain
 * `zstd -d` and `tar` can read, and `<name>.index.json`, and `manifest.json`, written last. Published ones are read-only.
 */
export function createDirectorySnapshotStore({
  directory,
  now = () => new Date(),
}: DirectoryStoreOptions): SnapshotStore {
  let latest = 0;
  /** Two snapshots of one millisecond still have an order. */
  const nextTime = (): Date => {
    latest = Math.max(now().getTime(), latest + 1);
    return new Date(latest);
  };
  const homeOf = (platform: PlatformName): string => {
    if (isName(platform)) return join(directory, platform);
    throw new DriverError('refused', `platform ${JSON.stringify(platform)}: expected 1 to 63 of a-z 0-9 . _ -`);
  };

  return {
    async create(about) {
      const home = homeOf(about.platform);
      const takenAt = nextTime();
      const id = makeSnapshotId(takenAt);
      const temporary = join(home, HIDDEN + id);
      try {
        await mkdir(home, { recursive: true, mode: 0o700 });
        await flushDirectory(directory);
        await dropAbandoned(home, takenAt);
        await mkdir(temporary, { mode: 0o700 });
      } catch (error) {
        throw asStoreFault(`create a snapshot in ${home}`, error);
      }
      return createDirectoryWriter(about, { id, takenAt, temporary, final: join(home, id) });
    },

    async open(id) {
      if (!isSnapshotId(id))
        throw new DriverError('missing', `snapshot ${JSON.stringify(id)}: no snapshot has such an id`);
      for (const platform of await namesIn(directory)) {
        const folder = join(directory, platform, id);
        if (isName(platform) && (await isDirectory(folder))) {
          return readerOf(folder, await readManifest(folder, platform as PlatformName, id));
        }
      }
      throw new DriverError('missing', `snapshot ${id}: there is none in ${directory}`, {
        next: 'list the snapshots, and choose another',
      });
    },

    free: () => freeAt(directory),

    async list(platform) {
      const home = homeOf(platform);
      const snapshots: Manifest[] = [];
      const broken: string[] = [];
      for (const name of (await namesIn(home))
        .filter(name => !name.startsWith(HIDDEN))
        .sort()
        .reverse()) {
        const manifest = isSnapshotId(name) ? await findManifest(home, platform, name) : undefined;
        if (manifest === undefined) broken.push(name);
        else snapshots.push(manifest);
      }
      return { snapshots, broken };
    },
  };
}

/** Of a directory that is not there yet: where it will be made. */
async function freeAt(path: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch (error) {
    const above = dirname(path);
    return codeOf(error) === 'ENOENT' && above !== path ? freeAt(above) : undefined;
  }
}

function readerOf(folder: string, manifest: Manifest): SnapshotReader {
  return {
    manifest,
    read(name, signal) {
      const artifact = manifest.artifacts.find(held => held.name === name);
      if (artifact !== undefined) return readArtifact(folder, artifact, signal);
      throw new DriverError('missing', `snapshot ${manifest.id}: it holds no artifact ${JSON.stringify(name)}`);
    },
    async verify(depth, signal, progress) {
      const { platform, id } = manifest;
      const stands = await readManifest(folder, platform, id);
      if (stands.digest !== manifest.digest) throw corrupt(folder, 'its manifest was replaced since it was opened');
      const told = summed(progress);
      for (const artifact of manifest.artifacts) await verifyArtifact(folder, artifact, depth, signal, told);
    },
  };
}

async function readManifest(folder: string, platform: PlatformName, id: SnapshotId): Promise<Manifest> {
  const path = join(folder, MANIFEST);
  try {
    return parseManifest(await readFile(path, 'utf8'), { platform, id }, path);
  } catch (error) {
    const lost = ['ENOENT', 'EISDIR'].includes(codeOf(error) ?? '');
    throw lost ? withoutManifest(path, error) : asStoreFault(`read ${path}`, error);
  }
}

const withoutManifest = (path: string, cause: unknown): DriverError =>
  new DriverError('missing', `${path}: it is not there, so there is no such snapshot`, {
    cause,
    next: 'list the snapshots, and choose another',
  });

/** Undefined for what is broken. @throws DriverError when the disk does not answer, which says nothing of the snapshot */
async function findManifest(home: string, platform: PlatformName, id: SnapshotId): Promise<Manifest | undefined> {
  try {
    return await readManifest(join(home, id), platform, id);
  } catch (error) {
    if (error instanceof DriverError && ['corrupt', 'missing', 'refused'].includes(error.kind)) return undefined;
    throw error;
  }
}

async function dropAbandoned(home: string, now: Date): Promise<void> {
  const oldest = HIDDEN + makeSnapshotId(new Date(now.getTime() - ABANDONED_AFTER_MS));
  const abandoned = (await namesIn(home)).filter(name => name.startsWith(HIDDEN) && name < oldest);
  await Promise.all(abandoned.map(name => rm(join(home, name), { recursive: true, force: true })));
}

/** None when there is no such directory. */
async function namesIn(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
    throw asStoreFault(`list ${path}`, error);
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}
