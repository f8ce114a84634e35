import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeWrites } from '../../testbed/n3xus/check-writes.ts';
import type { Row, Stores } from '../../testbed/n3xus/read-stores.ts';
import { createTrafficRecord } from '../../testbed/n3xus/traffic-record.ts';

const acknowledged = [1, 2, 3].map(at => ({
  id: `id-${at}`,
  wallet: 'w',
  amount: at * 100,
  fee: at * 3,
  version: 'v1',
  askedAt: at * 10,
  at: at * 10 + 5,
}));
const rows: readonly Row[] = acknowledged.map(({ id, amount, fee }) => ({ id, amount, fee }));
const whole: Stores = { postgres: rows, ledgerJournal: rows, walletJournal: rows };

describe('the check of acknowledged writes', () => {
  it('passes stores that hold each once as acknowledged, and more that nobody acknowledged', () => {
    const more = { ...whole, postgres: [...rows, { id: 'asked-only', amount: 1, fee: 1 }] };
    for (const stores of [whole, more]) assert.equal(judgeWrites(stores, acknowledged, {}).whole, true);
  });

  for (const store of ['postgres', 'ledgerJournal', 'walletJournal'] as const) {
    it(`finds what is missing, doubled, altered in ${store}`, () => {
      const judge = (planted: readonly Row[]) => judgeWrites({ ...whole, [store]: planted }, acknowledged, {});
      const missing = judge(rows.slice(1));
      assert.deepEqual(missing.stores[store].missing, ['id-1']);
      const doubled = judge([...rows, rows[1]!]);
      assert.deepEqual(doubled.stores[store].doubled, ['id-2']);
      const amount = judge([{ ...rows[0]!, amount: 101 }, ...rows.slice(1)]);
      const fee = judge([{ ...rows[0]!, fee: 0 }, ...rows.slice(1)]);
      for (const altered of [amount, fee]) assert.deepEqual(altered.stores[store].altered, ['id-1']);
      for (const check of [missing, doubled, amount, fee]) assert.equal(check.whole, false);
    });
  }

  it('looks only for what was acknowledged up to a point, and names what stands beyond it', () => {
    const old = rows.slice(0, 2);
    const restored = { postgres: old, ledgerJournal: old, walletJournal: rows };
    const check = judgeWrites(restored, acknowledged, { upTo: 25 });
    assert.equal(check.whole, true);
    assert.equal(check.checked, 2);
    assert.deepEqual(check.stores.postgres.later, []);
    assert.deepEqual(check.stores.walletJournal.later, ['id-3']);
  });
});

describe('the record of the traffic', () => {
  const answer = (at: number, status: number, ...servedBy: string[]) => ({
    at,
    tookMs: 1,
    path: '/',
    status,
    servedBy,
  });

  it('finds an answer that two versions served, and not one that one version served', () => {
    const record = createTrafficRecord();
    record.answers.push(
      answer(1, 200, 'a@v1', 'b@v1'),
      answer(2, 200, 'a@v1', 'nginx-conf@v2'),
      answer(3, 200, 'a@v2'),
    );
    assert.deepEqual(
      record.mixedAnswers().map(({ at }) => at),
      [2],
    );
  });

  it('tells the versions over time, leaving out what nobody signed', () => {
    const record = createTrafficRecord();
    record.answers.push(answer(4, 200, 'a@v2'), answer(1, 200, 'a@v1'), answer(2, 200, 'a@v1'), answer(3, 0));
    assert.deepEqual(record.versionsOverTime(), [
      { version: 'v1', from: 1, to: 2, answers: 2 },
      { version: 'v2', from: 4, to: 4, answers: 1 },
    ]);
  });

  it('counts no answer, 401 and 5xx as errors, from a time on', () => {
    const record = createTrafficRecord();
    record.answers.push(answer(1, 500), answer(2, 200), answer(3, 0), answer(4, 401), answer(5, 404));
    assert.equal(record.errorRate(2), 0.5);
    assert.ok(Number.isNaN(record.errorRate(9)));
  });
});
