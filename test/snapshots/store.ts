import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { PlatformName, ReleaseId, RunId, TargetId } from '../../src/plan/ids.ts';
import type { Manifest, SnapshotAbout, SnapshotFacts, SnapshotStore } from '../../src/snapshots/store.ts';

export const never = new AbortController().signal;
export const quiet = { signal: never, progress: () => {} };

export const about: SnapshotAbout = {
  platform: 'n3xus' as PlatformName,
  release: 'r41' as ReleaseId,
  run: 'run-1' as RunId,
  consistency: 'stopped',
};
export const facts: SnapshotFacts = {
  rows: { ['ledger-data' as TargetId]: 1204 } as SnapshotFacts['rows'],
  notes: ['postgres-data: PostgreSQL 15, shut down cleanly'],
};

/** An empty directory that goes with the test, read-only snapshots in it and all. */
export async function scratch(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'lastgood-snapshots-'));
  t.after(() => removeAll(path));
  return path;
}

async function removeAll(path: string): Promise<void> {
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) await chmod(join(entry.parentPath, entry.name), 0o700);
  }
  await rm(path, { recursive: true, force: true });
}

/** Bytes that compress somewhat and repeat nowhere: the same for the same seed. */
export function noise(bytes: number, seed = 1): Buffer {
  const buffer = Buffer.alloc(bytes);
  let state = seed;
  for (let at = 0; at < bytes; at += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    buffer[at] = (state >>> 16) & 0x3f;
  }
  return buffer;
}

/** In pieces whose length is odd against the frames'. */
export async function* inPieces(bytes: Uint8Array, length = 65_537): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

export async function gather(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A published snapshot of these artifacts. */
export async function publish(
  store: SnapshotStore,
  artifacts: Readonly<Record<string, Uint8Array>>,
): Promise<Manifest> {
  const writer = await store.create(about);
  await Promise.all(Object.entries(artifacts).map(([name, bytes]) => writer.write(name, inPieces(bytes), quiet)));
  return writer.publish(facts);
}

/** Every path under `root`, relative. */
export const pathsIn = async (root: string): Promise<string[]> => (await readdir(root, { recursive: true })).sort();
