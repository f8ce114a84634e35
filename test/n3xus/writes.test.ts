import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TargetId } from '../../src/plan/ids.ts';
import { judgeLosses } from '../../testbed/n3xus/check-losses.ts';
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

describe('the check of what a run counted as lost', () => {
  // id-1 is in the capture, id-2 and id-4 came after it (4 unanswered), id-3 after the thaw; id-5 found the ingress shut.
  const record = {
    acknowledged: new Map(acknowledged.map(charge => [charge.id, charge])),
    reached: new Map([
      ['id-1', 10],
      ['id-2', 20],
      ['id-4', 22],
      ['id-3', 30],
    ]),
  };
  const between = { capturedAt: 17, thawedAt: 30 };
  const [first, , third] = rows as [Row, Row, Row];
  const older = [7, 8].map(n => ({ id: `older-${n}`, amount: 1, fee: 0 }));
  const held = [...older, first, third];
  const stores: Stores = { postgres: held, ledgerJournal: held, walletJournal: held };
  const lossesOf = (change: Partial<{ rowsNow: number; rowsThen: number; lost: number }>) =>
    ['postgres-data', 'ledger-data', 'wallet-data'].map(store => ({
      store: store as TargetId,
      ...{ rowsNow: 4, rowsThen: 3, lost: 1 },
      ...change,
    }));
  const judge = (losses: ReturnType<typeof lossesOf>, found = stores) => judgeLosses(losses, found, record, between);

  it('takes what the users know of, and what nobody acknowledged beside it', () => {
    assert.deepEqual(judge(lossesOf({})), { given: 1, doubtful: 1, wrong: [] });
    assert.deepEqual(judge(lossesOf({ rowsNow: 5, lost: 2 })).wrong, []);
  });

  for (const [title, losses, says] of [
    ['more than could be lost', lossesOf({ rowsNow: 6, lost: 3 }), /3 rows were counted lost, and 1 to 2/],
    ['fewer than were acknowledged', lossesOf({ rowsNow: 3, lost: 0 }), /0 rows were counted lost, and 1 to 2/],
    ['a capture with more rows than came back', lossesOf({ rowsNow: 5, rowsThen: 4 }), /4 rows were in the capture/],
    ['a capture with fewer', lossesOf({ rowsNow: 3, rowsThen: 2 }), /2 rows were in the capture/],
    ['a sum that is none', lossesOf({ lost: 2 }), /4 - 3 rows are not 2/],
  ] as const) {
    it(`finds ${title}, in each of three stores`, () => {
      const { wrong } = judge(losses);
      assert.equal(wrong.length, 3);
      for (const one of wrong) assert.match(one, says);
    });
  }

  it('finds a store that nobody counted, and one row that should have been given up and stands', () => {
    assert.match(judge(lossesOf({}).slice(1)).wrong.join(), /postgres-data: no loss was counted/);
    const [, second] = rows as [Row, Row];
    const kept = { ...stores, postgres: [...held, second] };
    assert.match(judge(lossesOf({}), kept).wrong.join(), /postgres-data: 1 rows that were given up stand in it/);
  });
});
