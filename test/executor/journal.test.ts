import assert from 'node:assert/strict';
import { appendFile, mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import type { JournalFact } from '../../src/executor/contract.ts';
import { openJournals } from '../../src/executor/journal.ts';
import { openJournalFile } from '../../src/executor/journal-file.ts';
import type { PlatformName, RunId } from '../../src/plan/ids.ts';
import { poll } from '../../testbed/process/poll.ts';
import { ENGINE, keyOf, OTHER_RUN, PLATFORM, RUN, temporaryDirectory } from './world.ts';

const opened: JournalFact = { type: 'opened', platform: PLATFORM, run: RUN, engine: ENGINE, hash: 'ab'.repeat(32) };
const event = (number: number, facts: unknown = {}): JournalFact => ({
  type: 'event',
  event: number,
  at: '2026-01-01T00:00:00.000Z',
  what: 'paused',
  facts,
});

async function written(t: TestContext, count = 4) {
  const directory = await temporaryDirectory(t);
  const journal = await openJournals({ directory }).open(PLATFORM, RUN);
  await journal.append(opened);
  for (let number = 1; number < count; number += 1) await journal.append(event(number, { by: 'Ünal', n: number }));
  const path = join(directory, PLATFORM, `${RUN}.jsonl`);
  return { directory, path, bytes: await readFile(path) };
}
const reopen = async (directory: string) => (await openJournals({ directory }).open(PLATFORM, RUN)).entries();

test('a journal reads back as it was written, in order, and goes on from there', async t => {
  const { directory } = await written(t);
  const journal = await openJournals({ directory }).open(PLATFORM, RUN);
  await journal.append({ type: 'order', key: keyOf(), fence: { turn: 2, attempt: 1 } });
  const entries = await reopen(directory);
  assert.deepEqual(entries, journal.entries());
  assert.deepEqual(
    entries.map(entry => entry.seq),
    [1, 2, 3, 4, 5],
  );
  assert.equal(entries[0]?.prev, '0'.repeat(64));
});

test('a torn last line is cut off, wherever it tore, and everything before it stands', async t => {
  const { directory, path, bytes } = await written(t);
  const lastLine = bytes.lastIndexOf(10, bytes.length - 2) + 1;
  for (let length = lastLine; length < bytes.length; length += 1) {
    await writeFile(path, bytes.subarray(0, length));
    assert.equal((await reopen(directory)).length, 3);
    assert.equal((await readFile(path)).length, lastLine);
  }
  const journal = await openJournals({ directory }).open(PLATFORM, RUN);
  await journal.append(event(9));
  assert.equal((await reopen(directory)).length, 4);
});

test('a flipped bit is found, wherever it is', async t => {
  const { directory, path, bytes } = await written(t, 3);
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 7 }), async (at, bit) => {
      const harmed = Buffer.from(bytes);
      harmed[at] = harmed[at]! ^ (1 << bit);
      await writeFile(path, harmed);
      await assert.rejects(reopen(directory), { name: 'DriverError', kind: 'corrupt' });
    }),
    { numRuns: 400, examples: [[bytes.length - 1, 0]] },
  );
});

test('a line that is gone, twice there, or in another place is corrupt, and the line is named', async t => {
  const { directory, path, bytes } = await written(t);
  const [a, b, c, d] = bytes.toString().trimEnd().split('\n');
  for (const [lines, broken] of [
    [[a, c, d], 2],
    [[a, b, b, c, d], 3],
    [[b, a, c, d], 1],
    [[a, b, 'null', d], 3],
    [[a, '', b, c, d], 2],
    [[a, b, ` ${c}`, d], 3],
    [[a, b, c?.replace('{', '{"more":1,'), d], 3],
  ] as const) {
    await writeFile(path, `${lines.join('\n')}\n`);
    await assert.rejects(reopen(directory), { kind: 'corrupt', message: new RegExp(`, line ${broken}: `) });
  }
});

test('a journal under the name of another run is corrupt', async t => {
  const { directory, bytes } = await written(t);
  await writeFile(join(directory, PLATFORM, `${OTHER_RUN}.jsonl`), bytes);
  await assert.rejects(openJournals({ directory }).open(PLATFORM, OTHER_RUN), { kind: 'corrupt' });
});

test('appends that wait together share one flush', async t => {
  const directory = await temporaryDirectory(t);
  let flushes = 0;
  const counting: typeof open = async (...given) => {
    const handle = await open(...given);
    const datasync = handle.datasync.bind(handle);
    handle.datasync = () => {
      flushes += 1;
      return datasync();
    };
    return handle;
  };
  const journal = await openJournals({ directory, openFile: path => openJournalFile(path, counting) }).open(
    PLATFORM,
    RUN,
  );
  await Promise.all(Array.from({ length: 26 }, (_, number) => journal.append(event(number))));
  assert.equal(flushes, 1);
  await journal.append(event(26));
  await journal.append(event(27));
  assert.equal(flushes, 3);
  assert.equal((await reopen(directory)).length, 28);
});

test('an append that could not be flushed is not believed: all that waited fail, and the file is cut back', async t => {
  const directory = await temporaryDirectory(t);
  let failing = false;
  const faulty: typeof open = async (...given) => {
    const handle = await open(...given);
    const datasync = handle.datasync.bind(handle);
    handle.datasync = () => (failing ? Promise.reject(new Error('EIO')) : datasync());
    return handle;
  };
  const journals = openJournals({ directory, openFile: path => openJournalFile(path, faulty) });
  const journal = await journals.open(PLATFORM, RUN);
  await journal.append(event(1));
  failing = true;
  const results = await Promise.allSettled([journal.append(event(2)), journal.append(event(3))]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  failing = false;
  await assert.rejects(journal.append(event(4)), { kind: 'unavailable' });
  const again = await journals.open(PLATFORM, RUN);
  assert.equal(again.entries().length, 1);
  await again.append(event(2));
  assert.equal((await reopen(directory)).length, 2);
});

test('the journal of a closed run is held for whoever holds it, and for nobody else; an open one always', async t => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const journals = openJournals({ directory: await temporaryDirectory(t) });
  const refer = async (run: RunId, facts: readonly JournalFact[]): Promise<WeakRef<object>> => {
    const journal = await journals.open(PLATFORM, run);
    for (const fact of facts) await journal.append(fact);
    collect();
    assert.equal(await journals.open(PLATFORM, run), journal, 'it is one and the same while somebody holds it');
    return new WeakRef(journal);
  };
  const closed = await refer(RUN, [opened, { type: 'closed', outcome: 'completed' }]);
  const open = await refer(OTHER_RUN, [{ ...opened, run: OTHER_RUN }]);
  await poll({ what: 'the closed one to be let go', deadlineMs: 10_000, everyMs: 10 }, () => {
    collect();
    return closed.deref() === undefined;
  });
  assert.notEqual(open.deref(), undefined);
  // It is closed when it is opened again, too, and written on as one.
  const again = await refer(RUN, [event(1), { type: 'settled' }]);
  await poll({ what: 'it to be let go again', deadlineMs: 10_000, everyMs: 10 }, () => {
    collect();
    return again.deref() === undefined;
  });
  assert.deepEqual(
    (await journals.open(PLATFORM, RUN)).entries().map(({ fact }) => fact.type),
    ['opened', 'closed', 'event', 'settled'],
  );
});

test('an event told twice stands once; told otherwise under its number it is a conflict', async t => {
  const directory = await temporaryDirectory(t);
  const journal = await openJournals({ directory }).open(PLATFORM, RUN);
  await Promise.all([journal.append(event(1, { a: 1, b: 2 })), journal.append(event(1, { b: 2, a: 1 }))]);
  assert.equal(journal.entries().length, 1);
  await assert.rejects(journal.append(event(1, { a: 2 })), { kind: 'conflict', message: /event 1 stands already/ });
  const again = await openJournals({ directory }).open(PLATFORM, RUN);
  await again.append(event(1, { a: 1, b: 2 }));
  await assert.rejects(again.append(event(1)), { kind: 'conflict' });
  assert.equal(again.entries().length, 1);
});

test('a fact that is not JSON is refused alone, and the journal goes on', async t => {
  const directory = await temporaryDirectory(t);
  const journal = await openJournals({ directory }).open(PLATFORM, RUN);
  await assert.rejects(journal.append(event(1, { size: 1n })), { kind: 'refused' });
  await journal.append(event(1));
  assert.equal((await reopen(directory)).length, 1);
});

test('open runs are those whose journal is not closed, broken ones among them', async t => {
  const { directory, path } = await written(t);
  const journals = openJournals({ directory });
  assert.deepEqual(await journals.findOpen(PLATFORM), [RUN]);
  assert.deepEqual(await journals.findOpen('elsewhere' as PlatformName), []);
  await (await journals.open(PLATFORM, OTHER_RUN)).append({ type: 'closed', outcome: 'completed' });
  await writeFile(join(directory, PLATFORM, 'empty.jsonl'), '');
  assert.deepEqual(await journals.findOpen(PLATFORM), [RUN]);
  await (await journals.open(PLATFORM, RUN)).append({ type: 'closed', outcome: 'reverted' });
  assert.deepEqual(await journals.findOpen(PLATFORM), []);
  await appendFile(path, 'x\n');
  assert.deepEqual(await openJournals({ directory }).findOpen(PLATFORM), [RUN]);
});

test('a name that would leave the directory is refused', async t => {
  const directory = await temporaryDirectory(t);
  const journals = openJournals({ directory });
  for (const bad of ['../other', 'a/b', '', '.', 'a\0b', 'A']) {
    await assert.rejects(async () => journals.open(bad as PlatformName, RUN), { kind: 'refused' });
    await assert.rejects(async () => journals.open(PLATFORM, bad as RunId), { kind: 'refused' });
  }
});

test('a journal whose directory cannot be made, or whose file vanished, says so', async t => {
  const directory = await temporaryDirectory(t);
  await writeFile(join(directory, 'file'), '');
  await assert.rejects(openJournals({ directory: join(directory, 'file') }).open(PLATFORM, RUN), {
    kind: 'unavailable',
  });
  await mkdir(join(directory, 'deep'));
  const journal = await openJournals({ directory: join(directory, 'deep', 'er') }).open(PLATFORM, RUN);
  await journal.append(event(1));
  await rm(join(directory, 'deep'), { recursive: true });
  await assert.rejects(journal.append(event(2)), { kind: 'unavailable' });
});
