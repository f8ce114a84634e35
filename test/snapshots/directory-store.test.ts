import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { chmod, lstat, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { createZstdDecompress } from 'node:zlib';
import type { PlatformName, SnapshotId } from '../../src/plan/ids.ts';
import { createDirectorySnapshotStore } from '../../src/snapshots/directory-store.ts';
import { FRAME_BYTES } from '../../src/snapshots/frames.ts';
import { about, facts, gather, inPieces, never, noise, pathsIn, publish, quiet, scratch } from './store.ts';

const exec = promisify(execFile);

test('what was written is read back, whatever its length against the frames', async t => {
  const store = createDirectorySnapshotStore({ directory: await scratch(t) });
  for (const length of [0, 1, FRAME_BYTES - 1, FRAME_BYTES, FRAME_BYTES + 1, 5 * FRAME_BYTES + 12_345]) {
    const bytes = noise(length, length);
    const manifest = await publish(store, { data: bytes });
    assert.equal(manifest.artifacts[0]?.rawBytes, length);
    assert.equal(manifest.artifacts[0]?.frames, Math.max(1, Math.ceil(length / FRAME_BYTES)));
    const reader = await store.open(manifest.id);
    assert.deepEqual(reader.manifest, manifest);
    assert.ok((await gather(reader.read('data', never))).equals(bytes), `${length} bytes`);
    await reader.verify('stored', never);
    await reader.verify('raw', never);
  }
});

test('says what is free where it will be made, before it is there', async t => {
  const directory = await scratch(t);
  const there = await createDirectorySnapshotStore({ directory }).free();
  const below = await createDirectorySnapshotStore({ directory: join(directory, 'not', 'yet') }).free();
  assert.ok(there !== undefined && there > 0);
  assert.ok(below !== undefined && below > 0, 'no answer is no room');
});

test('the stored file is one that plain tools can read', async t => {
  const directory = await scratch(t);
  const bytes = noise(2 * FRAME_BYTES + 7);
  const manifest = await publish(createDirectorySnapshotStore({ directory }), { data: bytes });
  const path = join(directory, about.platform, manifest.id, 'data.tar.zst');
  assert.ok((await gather(createReadStream(path).pipe(createZstdDecompress()))).equals(bytes));
});

test('several artifacts are written at once into one snapshot, and progress counts raw bytes', async t => {
  const store = createDirectorySnapshotStore({ directory: await scratch(t) });
  const writer = await store.create(about);
  const seen: number[] = [];
  const [one, two] = [noise(3 * FRAME_BYTES, 1), noise(2 * FRAME_BYTES + 1, 2)];
  await Promise.all([
    writer.write('one', inPieces(one), { signal: never, progress: raw => seen.push(raw) }),
    writer.write('two', inPieces(two), quiet),
  ]);
  const { id, rows, notes, takenAt } = await writer.publish(facts);
  assert.deepEqual(seen, [FRAME_BYTES, 2 * FRAME_BYTES, 3 * FRAME_BYTES]);
  assert.deepEqual({ rows, notes }, { ...facts });
  assert.equal(new Date(takenAt).toISOString(), takenAt);
  const reader = await store.open(id);
  assert.ok((await gather(reader.read('one', never))).equals(one));
  assert.ok((await gather(reader.read('two', never))).equals(two));
});

test('until it is published a snapshot does not exist, and what was discarded leaves nothing', async t => {
  const directory = await scratch(t);
  const store = createDirectorySnapshotStore({ directory });
  const writer = await store.create(about);
  await writer.write('data', inPieces(noise(10_000)), quiet);
  await assert.rejects(store.open(writer.id), { kind: 'missing' });
  assert.deepEqual(await store.list(about.platform), { snapshots: [], broken: [] });
  await writer.discard();
  await writer.discard();
  assert.deepEqual(await pathsIn(directory), [about.platform]);
  await assert.rejects(writer.write('data', inPieces(noise(1)), quiet), { kind: 'conflict' });
  await assert.rejects(writer.publish(facts), { kind: 'conflict' });
});

test('a published snapshot is read-only, and a discard after it removes nothing', async t => {
  const directory = await scratch(t);
  const store = createDirectorySnapshotStore({ directory });
  const writer = await store.create(about);
  await writer.write('data', inPieces(noise(10_000)), quiet);
  const { id } = await writer.publish(facts);
  await writer.discard();
  const home = join(directory, about.platform);
  assert.deepEqual(await pathsIn(home), [
    id,
    ...['data.index.json', 'data.tar.zst', 'manifest.json'].map(name => join(id, name)),
  ]);
  for (const path of await pathsIn(home)) assert.equal((await lstat(join(home, path))).mode & 0o222, 0, path);
  assert.equal((await lstat(home)).mode & 0o077, 0, 'others may look into the store');
});

test('a publish reads back what the disk holds: a byte that changed under it is caught', async t => {
  const directory = await scratch(t);
  const store = createDirectorySnapshotStore({ directory });
  const writer = await store.create(about);
  await writer.write('data', inPieces(noise(FRAME_BYTES + 9)), quiet);
  const [stored] = (await pathsIn(directory)).filter(path => path.endsWith('.zst'));
  const path = join(directory, stored ?? '');
  const bytes = await readFile(path);
  bytes[bytes.length - 3]! ^= 4;
  await writeFile(path, bytes);
  await assert.rejects(writer.publish(facts), { kind: 'corrupt', message: /data\.tar\.zst frame 1/ });
  await writer.discard();
  assert.deepEqual(await pathsIn(directory), [about.platform]);
});

test('lists newest first, even within one millisecond, and names the broken apart', async t => {
  const directory = await scratch(t);
  const store = createDirectorySnapshotStore({ directory, now: () => new Date('2026-03-04T05:06:07.089Z') });
  const made = [];
  for (let count = 0; count < 4; count += 1) made.push((await publish(store, { data: noise(100) })).id);
  assert.match(made[0] ?? '', /^20260304-050607\.089-[0-9a-f]{12}$/);
  assert.deepEqual(
    (await store.list(about.platform)).snapshots.map(({ id }) => id),
    made.toReversed(),
  );
  const broken = join(directory, about.platform, made[1] ?? '', 'manifest.json');
  await chmod(broken, 0o600);
  await writeFile(broken, '{"id":');
  await mkdir(join(directory, about.platform, 'lost+found'));
  const listed = await store.list(about.platform);
  assert.deepEqual(listed.broken, ['lost+found', made[1]]);
  assert.deepEqual(
    listed.snapshots.map(({ id }) => id),
    [made[3], made[2], made[0]],
  );
  await assert.rejects(store.open(made[1] as SnapshotId), { kind: 'corrupt' });
  assert.deepEqual(await store.list('other' as PlatformName), { snapshots: [], broken: [] });
});

test('no name leads out of the store', async t => {
  const directory = join(await scratch(t), 'store');
  const store = createDirectorySnapshotStore({ directory });
  const manifest = await publish(store, { data: noise(100) });
  for (const name of ['..', '.', '', '../n3xus', 'a/b', '/etc', 'A', 'a\0b', '.writing-x']) {
    await assert.rejects(store.create({ ...about, platform: name as PlatformName }), { kind: 'refused' }, name);
    await assert.rejects(store.list(name as PlatformName), { kind: 'refused' }, name);
    await assert.rejects(store.open(name as SnapshotId), { kind: 'missing' }, name);
    await assert.rejects(store.open(`${manifest.id}/${name}` as SnapshotId), { kind: 'missing' }, name);
    const writer = await store.create(about);
    await assert.rejects(writer.write(name, inPieces(noise(1)), quiet), { kind: 'refused' }, name);
    await writer.discard();
    const reader = await store.open(manifest.id);
    assert.throws(() => reader.read(name, never), { kind: 'missing' }, name);
  }
  const strays = (await pathsIn(join(directory, '..'))).filter(path => !path.startsWith('store'));
  assert.deepEqual(strays, []);
});

test('an artifact is written once, and a snapshot of nothing is refused', async t => {
  const store = createDirectorySnapshotStore({ directory: await scratch(t) });
  const writer = await store.create(about);
  await assert.rejects(writer.publish(facts), { kind: 'refused' });
  await writer.write('data', inPieces(noise(1)), quiet);
  await assert.rejects(writer.write('data', inPieces(noise(1)), quiet), {
    kind: 'refused',
    message: /written already/,
  });
  await writer.discard();
});

test('an abort in mid-capture, even of a source that stalls, leaves nothing', async t => {
  const directory = await scratch(t);
  const store = createDirectorySnapshotStore({ directory });
  for (const stalls of [false, true]) {
    const writer = await store.create(about);
    const stop = new AbortController();
    const source = (async function* () {
      yield noise(2 * FRAME_BYTES);
      stop.abort();
      if (stalls) await new Promise(() => {});
      yield noise(FRAME_BYTES);
    })();
    await assert.rejects(writer.write('data', source, { signal: stop.signal, progress: () => {} }), {
      name: 'DriverError',
      kind: 'unavailable',
      message: /cancelled; nothing of the platform was changed/,
    });
    assert.deepEqual(
      (await pathsIn(directory)).filter(path => path.includes('data')),
      [],
    );
    await assert.rejects(writer.publish(facts), { kind: 'conflict' });
    await writer.discard();
    assert.deepEqual(await pathsIn(directory), [about.platform]);
  }
});

test('a source that fails gives its own error, and its snapshot cannot be published', async t => {
  const directory = await scratch(t);
  const store = createDirectorySnapshotStore({ directory });
  const writer = await store.create(about);
  const source = (async function* () {
    yield noise(2 * FRAME_BYTES);
    throw new Error('the disk under it failed');
  })();
  await writer.write('good', inPieces(noise(1)), quiet);
  await assert.rejects(writer.write('data', source, quiet), {
    name: 'DriverError',
    message: /the disk under it failed/,
  });
  await assert.rejects(writer.publish(facts), { kind: 'conflict' });
  await writer.discard();
  assert.deepEqual(await pathsIn(directory), [about.platform]);
});

test('a store that is full refuses, says how much was needed, and leaves no partial file', async t => {
  const directory = await scratch(t);
  await exec('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', directory]);
  try {
    const store = createDirectorySnapshotStore({ directory });
    const small = await publish(store, { data: noise(FRAME_BYTES) });
    const writer = await store.create(about);
    await assert.rejects(writer.write('data', inPieces(noise(8 * FRAME_BYTES)), quiet), {
      name: 'DriverError',
      kind: 'refused',
      message:
        /store is full: more than \d+ bytes needed .*partial files were removed, and nothing of the platform was changed/,
    });
    assert.deepEqual(
      (await pathsIn(directory)).filter(path => path.includes('.writing-') && path.includes('data')),
      [],
    );
    await writer.discard();
    await (await store.open(small.id)).verify('raw', never);
    assert.deepEqual(
      (await store.list(about.platform)).snapshots.map(({ id }) => id),
      [small.id],
    );
  } finally {
    await exec('umount', [directory]);
  }
});

test('what a writer that died left behind is dropped a day later, and not before', async t => {
  const directory = await scratch(t);
  let now = new Date('2026-01-01T00:00:00Z');
  const store = createDirectorySnapshotStore({ directory, now: () => now });
  const dead = await store.create(about);
  now = new Date('2026-01-01T23:00:00Z');
  await store.create(about);
  assert.ok((await pathsIn(directory)).some(path => path.includes(dead.id)));
  now = new Date('2026-01-02T01:00:00Z');
  await store.create(about);
  assert.equal(
    (await pathsIn(directory)).some(path => path.includes(dead.id)),
    false,
  );
});

test('memory does not grow with what is stored or read back', async t => {
  const store = createDirectorySnapshotStore({ directory: await scratch(t) });
  const total = 75 * FRAME_BYTES;
  const bound = 160 * 1024 * 1024;
  let peak = 0;
  const look = () => {
    peak = Math.max(peak, process.memoryUsage().arrayBuffers);
  };
  const source = (async function* () {
    for (let sent = 0; sent < total; sent += 65_536) {
      // As a pipe gives them: each chunk in its own memory, each in its own turn.
      await new Promise(resolve => setImmediate(resolve));
      yield Buffer.alloc(65_536, sent % 251);
    }
  })();
  const writer = await store.create(about);
  await writer.write('data', source, { signal: never, progress: look });
  const { id } = await writer.publish(facts);
  const reader = await store.open(id);
  await reader.verify('raw', never);
  look();
  assert.ok(peak < bound, `${peak} bytes held at the peak, of ${total} stored`);
});

test('a publish and a check tell how far they are, and stop when told to', async t => {
  const store = createDirectorySnapshotStore({ directory: await scratch(t) });
  const writer = await store.create(about);
  await writer.write('data', inPieces(noise(3 * FRAME_BYTES)), quiet);
  const seen: number[] = [];
  const manifest = await writer.publish(facts, { signal: never, progress: bytes => seen.push(bytes) });
  assert.deepEqual([seen.length, seen.at(-1)], [3, manifest.artifacts[0]?.storedBytes]);
  const reader = await store.open(manifest.id);
  await reader.verify('raw', never, bytes => seen.push(bytes));
  assert.deepEqual([seen.length, seen.at(-1)], [6, 3 * FRAME_BYTES]);
  await assert.rejects(reader.verify('raw', AbortSignal.abort()), { kind: 'unavailable' });
  const second = await store.create(about);
  await second.write('data', inPieces(noise(10)), quiet);
  await assert.rejects(second.publish(facts, { ...quiet, signal: AbortSignal.abort() }), { kind: 'unavailable' });
  await second.discard();
  assert.equal((await store.list(about.platform)).snapshots.length, 1);
});
