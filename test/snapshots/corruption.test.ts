import assert from 'node:assert/strict';
import { chmod, copyFile, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import type { SnapshotId } from '../../src/plan/ids.ts';
import { verifyArtifact } from '../../src/snapshots/artifact-reader.ts';
import { createDirectorySnapshotStore } from '../../src/snapshots/directory-store.ts';
import { artifactFile, describeArtifact, encodeIndex, indexFile } from '../../src/snapshots/frame-index.ts';
import { FRAME_BYTES, sealFrame } from '../../src/snapshots/frames.ts';
import type { SnapshotStore } from '../../src/snapshots/store.ts';
import { about, gather, never, noise, publish, scratch } from './store.ts';

const FILES = ['one.tar.zst', 'one.index.json', 'two.tar.zst', 'two.index.json', 'manifest.json'] as const;
const artifacts = { one: noise(FRAME_BYTES + 70_000, 5), two: noise(40_000, 6) };

interface Planted {
  readonly store: SnapshotStore;
  readonly id: SnapshotId;
  readonly pathOf: (file: string) => string;
  /** The same artifacts by name, other content. */
  readonly otherPathOf: (file: string) => string;
  /** Makes it whole again. */
  readonly mend: (file: string) => Promise<void>;
}

async function plant(directory: string): Promise<Planted> {
  const store = createDirectorySnapshotStore({ directory });
  const { id } = await publish(store, artifacts);
  const other = await publish(store, { one: noise(FRAME_BYTES + 70_000, 7), two: noise(40_000, 8) });
  const at = (folder: string) => (file: string) => join(directory, about.platform, folder, file);
  const [pathOf, otherPathOf] = [at(id), at(other.id)];
  const good = new Map<string, Buffer>();
  await chmod(pathOf('.'), 0o700);
  for (const file of FILES) {
    good.set(file, await readFile(pathOf(file)));
    await chmod(pathOf(file), 0o600);
  }
  return { store, id, pathOf, otherPathOf, mend: file => writeFile(pathOf(file), good.get(file) ?? '') };
}

const faultKinds = ['corrupt', 'missing'];
const isFound = (error: unknown): boolean => faultKinds.includes((error as { kind: string }).kind);

async function open(planted: Planted) {
  return planted.store.open(planted.id);
}

/** By every way a snapshot is looked at: whole check of stored bytes, of raw bytes, and being read. */
async function mustBeFound(planted: Planted, what: string): Promise<void> {
  await assert.rejects(async () => (await open(planted)).verify('stored', never), isFound, `${what}: stored check`);
  await assert.rejects(async () => (await open(planted)).verify('raw', never), isFound, `${what}: raw check`);
  await assert.rejects(
    async () => {
      const reader = await open(planted);
      for (const name of ['one', 'two']) await gather(reader.read(name, never));
    },
    isFound,
    `${what}: read`,
  );
}

test('every one of 240 flipped bits is found', async t => {
  const planted = await plant(await scratch(t));
  let state = 42;
  const chance = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let point = 0; point < 240; point += 1) {
    const file = FILES[point % FILES.length] ?? 'manifest.json';
    const bytes = await readFile(planted.pathOf(file));
    const at = chance(bytes.length);
    bytes[at]! ^= 1 << chance(8);
    await writeFile(planted.pathOf(file), bytes);
    await mustBeFound(planted, `${file} byte ${at}`);
    await planted.mend(file);
  }
  await (await open(planted)).verify('raw', never);
});

test('every file cut short, grown, emptied or gone is found', async t => {
  const planted = await plant(await scratch(t));
  for (const file of FILES) {
    const path = planted.pathOf(file);
    const { length } = await readFile(path);
    const damages: Readonly<Record<string, () => Promise<void>>> = {
      'cut by a byte': () => truncate(path, length - 1),
      'cut in half': () => truncate(path, length >> 1),
      emptied: () => truncate(path, 0),
      'grown by a zero': () => truncate(path, length + 1),
      'grown by a blank': async () => writeFile(path, Buffer.concat([await readFile(path), Buffer.from(' ')])),
      gone: () => rm(path),
    };
    for (const [what, damage] of Object.entries(damages)) {
      await damage();
      await mustBeFound(planted, `${file} ${what}`);
      await planted.mend(file);
    }
  }
});

test("every file put in another's place is found, in one snapshot and across two", async t => {
  const planted = await plant(await scratch(t));
  const { pathOf, otherPathOf } = planted;
  for (const file of FILES) {
    await copyFile(otherPathOf(file), pathOf(file));
    await mustBeFound(planted, `${file} of another snapshot`);
    await planted.mend(file);
  }
  for (const kind of ['tar.zst', 'index.json']) {
    await rename(pathOf(`one.${kind}`), pathOf('aside'));
    await rename(pathOf(`two.${kind}`), pathOf(`one.${kind}`));
    await rename(pathOf('aside'), pathOf(`two.${kind}`));
    await mustBeFound(planted, `one and two exchanged, ${kind}`);
    await planted.mend(`one.${kind}`);
    await planted.mend(`two.${kind}`);
  }
  for (const kind of ['tar.zst', 'index.json']) await copyFile(otherPathOf(`one.${kind}`), pathOf(`one.${kind}`));
  await mustBeFound(planted, 'an artifact with its index, of another snapshot');
});

test('a manifest changed while the snapshot is open is found by its check', async t => {
  const planted = await plant(await scratch(t));
  const reader = await open(planted);
  await rm(planted.pathOf('manifest.json'));
  await assert.rejects(reader.verify('stored', never), isFound);
});

test('the error names the artifact and the frame', async t => {
  const planted = await plant(await scratch(t));
  const path = planted.pathOf('one.tar.zst');
  const bytes = await readFile(path);
  bytes[bytes.length - 1]! ^= 1;
  await writeFile(path, bytes);
  await assert.rejects((await open(planted)).verify('raw', never), {
    kind: 'corrupt',
    message: /one\.tar\.zst frame 1: stored SHA-256/,
  });
});

test('the raw check finds what was wrong before it was stored, which the stored check cannot', async t => {
  const folder = await scratch(t);
  const { frame, bytes } = await sealFrame(noise(5000));
  const frames = [{ ...frame, rawSha256: 'a'.repeat(64) }];
  await writeFile(join(folder, artifactFile('data')), bytes);
  await writeFile(join(folder, indexFile('data')), encodeIndex('data', frames));
  const artifact = describeArtifact('data', frames);
  await verifyArtifact(folder, artifact, 'stored', never);
  await assert.rejects(verifyArtifact(folder, artifact, 'raw', never), {
    kind: 'corrupt',
    message: /frame 0: raw SHA-256/,
  });
});
