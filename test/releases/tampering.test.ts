import assert from 'node:assert/strict';
import { copyFile, cp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { PlatformName, SnapshotId } from '../../src/plan/ids.ts';
import { createFileLedger } from '../../src/releases/file-ledger.ts';
import { createKeyFile, loadKey } from '../../src/releases/key.ts';
import { id, ledgerAt, n3xus, recorded, release, target } from './ledger-at.ts';

const entry = (folder: string, generation: number): string => join(folder, `0000000${generation}.entry`);

async function edit(path: string, change: (lines: string[]) => void): Promise<void> {
  const lines = (await readFile(path, 'utf8')).split('\n');
  change(lines);
  await writeFile(path, lines.join('\n'));
}

/** Each leaves a ledger of v1, v2, v3 and v3's snapshot in a state that its writer never left it in. */
const breaches: readonly [string, (folder: string) => Promise<void>][] = [
  [
    'a header edited',
    folder => edit(entry(folder, 2), lines => (lines[0] = lines[0]!.replace('"by":"ada"', '"by":"eve"'))),
  ],
  [
    'a digest in a header edited',
    folder => edit(entry(folder, 2), lines => (lines[0] = lines[0]!.replace('aaaa', 'bbbb'))),
  ],
  ['a seal edited', folder => edit(entry(folder, 2), lines => (lines[1] = '0'.repeat(64)))],
  ['a seal cut off', folder => edit(entry(folder, 2), lines => lines.splice(1))],
  ['an entry emptied', folder => writeFile(entry(folder, 2), '')],
  ['the first entry removed', folder => rm(entry(folder, 1))],
  ['a middle entry removed', folder => rm(entry(folder, 2))],
  ['the newest entry removed', folder => rm(entry(folder, 4))],
  ['every entry removed', folder => Promise.all([1, 2, 3, 4].map(n => rm(entry(folder, n)))).then(() => {})],
  ['an entry put in the place of another', folder => copyFile(entry(folder, 1), entry(folder, 2))],
  [
    'two entries exchanged',
    async folder => {
      await rename(entry(folder, 1), join(folder, 'x'));
      await rename(entry(folder, 2), entry(folder, 1));
      await rename(join(folder, 'x'), entry(folder, 2));
    },
  ],
  [
    'a middle entry removed and the rest moved up',
    async folder => {
      await rename(entry(folder, 3), entry(folder, 2));
      await rename(entry(folder, 4), entry(folder, 3));
    },
  ],
  ['an entry repeated at the end', folder => copyFile(entry(folder, 4), entry(folder, 5))],
  ['the head removed', folder => rm(join(folder, 'head'))],
  ['the head edited', folder => edit(join(folder, 'head'), lines => (lines[0] = lines[0]!.replace('4 ', '3 ')))],
];

for (const [what, breach] of breaches) {
  test(`${what} is told as corrupt, and nothing is written after it`, async t => {
    const { ledger, folder } = await ledgerAt(t);
    for (const name of ['v1', 'v2', 'v3']) await ledger.add(release(name));
    await ledger.attach(n3xus, id('v3'), 's1' as SnapshotId);
    assert.equal((await ledger.list(n3xus)).length, 3);
    await breach(folder);
    const files = await readdir(folder);
    await assert.rejects(ledger.list(n3xus), {
      name: 'DriverError',
      kind: 'corrupt',
      message: /^ledger of n3xus: \/.*/,
    });
    await assert.rejects(ledger.add(release('v4')), { kind: 'corrupt' });
    await assert.rejects(ledger.find(n3xus, id('v9')), { kind: 'corrupt' });
    assert.deepEqual(await readdir(folder), files);
  });
}

for (const [what, change] of [
  ['exchanged', (lines: string[]) => lines.splice(2, 2, lines[3]!, lines[2]!)],
  [
    'edited',
    (lines: string[]) =>
      (lines[3] = `A${lines[3]!.slice(1)}` === lines[3] ? `B${lines[3]!.slice(1)}` : `A${lines[3]!.slice(1)}`),
  ],
  ['cut off', (lines: string[]) => lines.splice(3)],
] as const) {
  test(`bodies ${what} within a release are corrupt, naming file and target`, async t => {
    const { ledger, folder } = await ledgerAt(t);
    await ledger.add(release('v1'));
    await edit(entry(folder, 1), change);
    await assert.rejects(ledger.load(n3xus, id('v1'), target('db')), {
      kind: 'corrupt',
      message: `ledger ${entry(folder, 1)}: db of release v1: its bytes are not those that were recorded`,
    });
    await assert.rejects(ledger.add(release('v1')), { kind: 'corrupt' });
  });
}

test('a whole release can be used although another is broken', async t => {
  const { ledger, folder } = await ledgerAt(t);
  for (const name of ['v1', 'v2', 'v3']) await ledger.add(release(name));
  await rm(entry(folder, 2));
  assert.deepEqual(await ledger.load(n3xus, id('v3'), target('api')), recorded('api'));
  assert.equal((await ledger.find(n3xus, id('v1')))?.id, 'v1');
});

test("one platform's folder does not stand in for another's", async t => {
  const { ledger, directory, folder } = await ledgerAt(t);
  await ledger.add(release('v1'));
  await cp(folder, join(directory, 'other'), { recursive: true });
  await assert.rejects(ledger.list('other' as PlatformName), { kind: 'corrupt', message: /for platform n3xus/ });
});

test('a ledger opened with another key is corrupt, not empty', async t => {
  const { ledger, root, directory } = await ledgerAt(t);
  await ledger.add(release('v1'));
  await createKeyFile(join(root, 'key2'));
  const other = createFileLedger({ directory, key: await loadKey(join(root, 'key2')), now: () => new Date(0) });
  await assert.rejects(other.list(n3xus), { kind: 'corrupt' });
  await assert.rejects(other.load(n3xus, id('v1'), target('api')), { kind: 'corrupt' });
});

test('what a writer left half done is passed over', async t => {
  const { ledger, folder, reopen } = await ledgerAt(t);
  await ledger.add(release('v1'));
  await writeFile(`${entry(folder, 2)}.0123456789ab.part`, '{"version":1');
  await rm(join(folder, 'head'));
  await reopen().add(release('v2'));
  assert.deepEqual(
    (await reopen().list(n3xus)).map(one => one.id),
    ['v2', 'v1'],
  );
});
