import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { SERVICES, TIERS } from '../../testbed/n3xus/service/directory.ts';
import { parseFaults } from '../../testbed/n3xus/service/faults.ts';
import { openJournal } from '../../testbed/n3xus/service/journal.ts';

describe('the services', () => {
  it('are the 26 of the runbook, in its five tiers', () => {
    const sizes = TIERS.map((_, tier) => SERVICES.filter(service => service.tier === tier).length);
    assert.deepEqual(sizes, [7, 4, 5, 3, 7]);
    const names = new Set(SERVICES.map(({ name }) => name));
    for (const { calls } of SERVICES) for (const called of calls) assert.ok(names.has(called), called);
  });
});

describe('faults', () => {
  it('strike the services that they name, else their own', () => {
    const text = 'no-fee,restart-loop@rewards-ms,slow@all';
    assert.deepEqual([...parseFaults(text, 'ledger-mgr')], ['no-fee', 'slow']);
    assert.deepEqual([...parseFaults(text, 'rewards-ms')], ['restart-loop', 'slow']);
    assert.deepEqual([...parseFaults(text, 'ott-api')], ['slow']);
    assert.equal(parseFaults('', 'ledger-mgr').size, 0);
  });

  it('that do not exist are refused by name', () => {
    assert.throws(() => parseFaults('no-fees', 'ledger-mgr'), /no fault "no-fees"; there are no-fee, /);
  });
});

describe('the journal', () => {
  it('holds each id once, outlives its process and cuts off a torn last line', async t => {
    const directory = await mkdtemp(join(tmpdir(), 'lastgood-journal-'));
    t.after(() => rm(directory, { recursive: true }));
    const path = join(directory, 'journal.log');
    const first = await openJournal(path);
    const entries = Array.from({ length: 50 }, (_, at) => ({ id: `id-${at}`, amount: at }));
    await Promise.all([...entries, ...entries].map(entry => first.append(entry)));
    await first.append({ id: 'id-1', amount: 99 });
    await appendFile(path, '{"id":"torn"');
    const again = await openJournal(path);
    assert.deepEqual([...again.entries()], entries);
    await again.append({ id: 'next', amount: 1 });
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    assert.equal(lines.length, 51);
    assert.equal(lines.at(-1), '{"id":"next","amount":1}');
  });

  it('when it is damaged has the other amount, in its place, and goes on', async t => {
    const directory = await mkdtemp(join(tmpdir(), 'lastgood-journal-'));
    t.after(() => rm(directory, { recursive: true }));
    const path = join(directory, 'journal.log');
    const journal = await openJournal(path);
    await journal.append({ id: 'a', amount: 1 });
    await Promise.all([journal.damage('a', 7), journal.append({ id: 'b', amount: 2 })]);
    assert.equal(await readFile(path, 'utf8'), '{"id":"a","amount":7}\n{"id":"b","amount":2}\n');
  });
});
