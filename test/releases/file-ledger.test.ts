import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { PlatformName, SnapshotId } from '../../src/plan/ids.ts';
import { id, ledgerAt, n3xus, recorded, release, SECRET, target } from './ledger-at.ts';

const good = { at: '2025-12-25T04:00:00.000Z', by: 'ada', reason: 'soaked 30m of 30m', samples: [] };

test('what was recorded is given back, by a ledger opened anew too', async t => {
  const { ledger, reopen } = await ledgerAt(t);
  await ledger.add(release('v1'));
  for (const one of [ledger, reopen()]) {
    assert.deepEqual(await one.load(n3xus, id('v1'), target('db')), recorded('db'));
    assert.deepEqual(await one.find(n3xus, id('v1')), {
      platform: 'n3xus',
      id: 'v1',
      origin: 'record',
      by: 'ada',
      recordedAt: '2025-12-25T03:00:00.000Z',
      targets: [recorded('api').state, recorded('db').state],
      snapshots: [],
    });
  }
});

test('lists newest first, each platform apart, and nothing of one that is unknown', async t => {
  const { ledger } = await ledgerAt(t);
  for (const name of ['v1', 'v2', 'before:0123456789']) await ledger.add(release(name));
  await ledger.add({ ...release('v9'), platform: 'other' as PlatformName });
  const ids = (await ledger.list(n3xus)).map(one => one.id);
  assert.deepEqual(ids, ['before:0123456789', 'v2', 'v1']);
  assert.deepEqual(await ledger.list('unknown' as PlatformName), []);
  assert.equal(await ledger.find(n3xus, id('v9')), undefined);
});

test('a secret of a body stands in no file, no name and no entry', async t => {
  const { ledger, folder } = await ledgerAt(t);
  const entry = await ledger.add(release('v1'));
  assert.doesNotMatch(JSON.stringify([entry, await ledger.list(n3xus)]), /hunter2/);
  const files = await readdir(folder);
  assert.ok(files.length > 1);
  for (const file of files) {
    const bytes = await readFile(join(folder, file));
    assert.ok(!bytes.includes(SECRET) && !bytes.includes(Buffer.from(SECRET).toString('base64').slice(2, -4)), file);
  }
});

test('equal bodies are stored as unequal bytes', async t => {
  const { ledger, folder } = await ledgerAt(t);
  await ledger.add(release('v1', [recorded('api'), recorded('db')]));
  const [, , first, second] = (await readFile(join(folder, '00000001.entry'), 'utf8')).split('\n');
  assert.notEqual(first, second);
});

test('adding the same content again changes nothing, in whatever order and however busy', async t => {
  const { ledger, folder } = await ledgerAt(t);
  const first = await ledger.add(release('v1'));
  const [api, db] = [recorded('api'), recorded('db')];
  const looping = { ...api, state: { ...api.state, activity: 'looping' as const, restarts: 7 } };
  assert.deepEqual(await ledger.add(release('v1', [db, looping])), first);
  assert.deepEqual((await readdir(folder)).sort(), ['00000001.entry', 'head']);
});

for (const [what, other] of [
  ['another body', [recorded('api'), recorded('db', 'sha256:aaaa', { env: ['PASSWORD=other'] })]],
  ['another version', [recorded('api', 'sha256:bbbb'), recorded('db')]],
  ['a target less', [recorded('api')]],
] as const) {
  test(`${what} under a taken id is a conflict, and the first stands`, async t => {
    const { ledger, folder } = await ledgerAt(t);
    await ledger.add(release('v1'));
    const before = await readFile(join(folder, '00000001.entry'));
    await assert.rejects(ledger.add(release('v1', other)), {
      kind: 'conflict',
      message:
        'ledger of n3xus: release v1 was recorded with other content at 2025-12-25T03:00:00.000Z; nothing was written',
    });
    assert.deepEqual(await readFile(join(folder, '00000001.entry')), before);
    assert.equal((await ledger.list(n3xus)).length, 1);
  });
}

test('good and snapshots are added beside, newest snapshot first, once each', async t => {
  const { ledger, folder, reopen } = await ledgerAt(t);
  await ledger.add(release('v1'));
  const before = await readFile(join(folder, '00000001.entry'));
  await ledger.attach(n3xus, id('v1'), 's1' as SnapshotId);
  await ledger.attach(n3xus, id('v1'), 's2' as SnapshotId);
  await ledger.attach(n3xus, id('v1'), 's1' as SnapshotId);
  await ledger.promote(n3xus, id('v1'), good);
  const entry = await ledger.promote(n3xus, id('v1'), good);
  assert.deepEqual([entry.good, entry.snapshots], [good, ['s2', 's1']]);
  assert.deepEqual(await reopen().find(n3xus, id('v1')), entry);
  assert.deepEqual(await readFile(join(folder, '00000001.entry')), before);
  assert.equal((await readdir(folder)).filter(name => name.endsWith('.entry')).length, 4);
});

test('what is not there is missing, with what to do next', async t => {
  const { ledger } = await ledgerAt(t);
  await ledger.add(release('v1'));
  const missing = {
    kind: 'missing',
    message: 'ledger of n3xus: there is no release v2',
    next: 'lastgood release list n3xus',
  };
  await assert.rejects(ledger.promote(n3xus, id('v2'), good), missing);
  await assert.rejects(ledger.attach(n3xus, id('v2'), 's1' as SnapshotId), missing);
  await assert.rejects(ledger.load(n3xus, id('v2'), target('api')), missing);
  await assert.rejects(ledger.load(n3xus, id('v1'), target('web')), {
    kind: 'missing',
    message: /holds nothing of web/,
  });
});

test('names that could leave the directory are refused', async t => {
  const { ledger } = await ledgerAt(t);
  for (const platform of ['..', '../x', 'a/b', '', 'A']) {
    await assert.rejects(ledger.add({ ...release('v1'), platform: platform as PlatformName }), { kind: 'refused' });
    await assert.rejects(ledger.list(platform as PlatformName), { kind: 'refused' });
  }
  for (const name of ['', '../v1', 'before:', 'after:v1', 'v 1']) {
    await assert.rejects(ledger.add(release(name)), { kind: 'refused' });
  }
  await assert.rejects(ledger.add(release('v1', [recorded('api'), recorded('api')])), {
    kind: 'refused',
    message: /twice/,
  });
});

test('two writers on one directory lose nothing and break nothing', async t => {
  const { ledger, reopen } = await ledgerAt(t);
  const writers = [ledger, reopen(), reopen()];
  const names = Array.from({ length: 24 }, (_, index) => `v${index}`);
  await Promise.all(names.map((name, index) => writers[index % 3]!.add(release(name, [recorded('api')]))));
  assert.deepEqual((await reopen().list(n3xus)).map(one => one.id).sort(), [...names].sort());
});

test('a reader among writers of the first entries never takes a head that is on its way for one taken away', async t => {
  for (let again = 0; again < 60; again += 1) {
    const { ledger, reopen } = await ledgerAt(t);
    const writing = Promise.all(['a', 'b', 'c'].map(name => reopen().add(release(name, [recorded('api')]))));
    for (let read = 0; read < 20; read += 1) await ledger.list(n3xus);
    await writing;
  }
});
