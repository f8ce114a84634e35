import { chmod, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { flushDirectory, writeFlushed } from '../disk/durable-file.ts';
import { DriverError } from '../drivers/errors.ts';
import { isName, type SnapshotId } from '../plan/ids.ts';
import { summed, verifyArtifact } from './artifact-reader.ts';
import { writeArtifact } from './artifact-writer.ts';
import { artifactFile, indexFile } from './frame-index.ts';
import { MANIFEST, sealManifest } from './manifest.ts';
import type { Artifact, Manifest, SnapshotAbout, SnapshotFacts, SnapshotWriter, WriteOptions } from './store.ts';
import { asStoreFault } from './store-fault.ts';

export interface Place {
  readonly id: SnapshotId;
  readonly takenAt: Date;
  /** Hidden, in the same parent as `final`. It is there. */
  readonly temporary: string;
  readonly final: string;
}

type State = 'writing' | 'failed' | 'published' | 'discarded';

/** Fills `temporary`, and renames it to `final` once every byte was read back. */
export function createDirectoryWriter(about: SnapshotAbout, place: Place): SnapshotWriter {
  const artifacts = new Map<string, Promise<Artifact>>();
  let state: State = 'writing';
  const mustBeWriting = (verb: string) => {
    if (state === 'writing') return;
    throw new DriverError(
      'conflict',
      `${verb} snapshot ${place.id}: expected one being written, found it ${state}; nothing of the platform was changed`,
    );
  };

  return {
    id: place.id,
    async write(name, bytes, options) {
      mustBeWriting('write to');
      if (!isName(name) || artifacts.has(name)) {
        const why = artifacts.has(name) ? 'is written already' : 'is no name: expected 1 to 63 of a-z 0-9 . _ -';
        throw new DriverError('refused', `snapshot ${place.id}: artifact ${JSON.stringify(name)} ${why}`);
      }
      const writing = writeArtifact(place.temporary, name, bytes, options);
      artifacts.set(name, writing);
      return writing.catch(error => {
        if (state === 'writing') state = 'failed';
        throw error;
      });
    },
    async publish(facts, options) {
      mustBeWriting('publish');
      if (artifacts.size === 0) throw new DriverError('refused', `publish snapshot ${place.id}: it holds nothing`);
      try {
        const written = await Promise.all(artifacts.values());
        const manifest = await publish(about, place, written, facts, options);
        state = 'published';
        return manifest;
      } catch (error) {
        if (state === 'writing') state = 'failed';
        throw asStoreFault(`publish ${place.final}`, error);
      }
    },
    async discard() {
      if (state === 'published') return;
      state = 'discarded';
      await Promise.allSettled(artifacts.values());
      try {
        await rm(place.temporary, { recursive: true, force: true });
      } catch (error) {
        throw asStoreFault(`discard ${place.temporary}`, error);
      }
    },
  };
}

async function publish(
  about: SnapshotAbout,
  { id, takenAt, temporary, final }: Place,
  artifacts: readonly Artifact[],
  facts: SnapshotFacts,
  options?: WriteOptions,
): Promise<Manifest> {
  const signal = options?.signal ?? new AbortController().signal;
  const told = summed(options?.progress);
  for (const artifact of artifacts) await verifyArtifact(temporary, artifact, 'stored', signal, told);
  signal.throwIfAborted();
  const { platform, release, run, consistency } = about;
  const { manifest, text } = sealManifest({
    version: 1,
    id,
    platform,
    release,
    run,
    consistency,
    takenAt: takenAt.toISOString(),
    artifacts,
    rows: facts.rows,
    notes: facts.notes,
  });
  await writeFlushed(join(temporary, MANIFEST), text);
  const files = artifacts.flatMap(({ name }) => [artifactFile(name), indexFile(name)]);
  await Promise.all([...files, MANIFEST].map(name => chmod(join(temporary, name), 0o400)));
  await flushDirectory(temporary);
  await rename(temporary, final);
  await flushDirectory(dirname(final));
  await chmod(final, 0o500);
  return manifest;
}
