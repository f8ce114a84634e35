import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { runWell } from '../../../testbed/process/run.ts';
import { checkPromises } from '../../checker/promises.ts';
import { say, setStand } from '../../platforms/stand.ts';
import { only } from '../../support/only.ts';
import { useTemporal } from '../../support/temporal.ts';
import { createEngineTap } from '../deaths/engine-tap.ts';
import { anew } from './anew.ts';
import { grid } from './grid.ts';
import { demandedOf, lessTheHand, mixes, sentencesOf } from './judging.ts';
import { savedRelease } from './laying.ts';
import type { Point } from './points.ts';
import { ROWS, type Row } from './rows.ts';
import { runUnderHand } from './under-hand.ts';

const LANES = 5;
const { address } = await useTemporal();

interface Case {
  readonly row: Row;
  readonly point: Point;
}
const ALL: readonly Case[] = ROWS.flatMap(row => row.at.map(point => ({ row, point })));
const CASES = only(ALL, ({ row, point }) => `${row.hand.name}, at ${point}`);

it('is laid on a service, and named, in every phase: restarted, re-created, renamed, updated, exec’d into, deleted', () => {
  const { named, missing, unnamed } = grid();
  say(`deeds in phases: ${named.length} that a report must name; not ${unnamed.join('; ')}`);
  assert.deepEqual(missing, []);
});

describe('a hand laid on the platform in mid-run', { concurrency: LANES }, () => {
  const ended = new Map<string, number>();
  let asked = 0;
  let named = 0;
  after(() => {
    const hands = new Set(CASES.map(({ row }) => row.hand.name)).size;
    const points = new Set(CASES.map(({ point }) => point)).size;
    const ends = [...ended].map(([outcome, times]) => `${times} ${outcome}`).join(', ');
    const pairs = `${CASES.length} pairs, ${named} named in the report`;
    say(`${hands} hands at ${points} points, ${pairs}: ${ends}; people were asked ${asked} times`);
  });

  const queue = CASES.values();
  for (let lane = 0; lane < LANES; lane += 1)
    it(`is found by the next observation that matters, named, and ends as it should: lane ${lane + 1}`, async t => {
      const tap = createEngineTap();
      t.after(() => tap.close());
      const stand = await setStand(address, plan => {
        plan.setIn(['hosts', 'main', 'docker'], tap.front(String(plan.getIn(['hosts', 'main', 'docker']))));
        // What cannot be reached is given up in time; a busy machine is given many times what it needs.
        plan.setIn(['budgets', 'undo'], { target: '10s', max: '60s' });
      });
      t.after(() => stand.end());
      const save = ['-H', stand.engine.socket, 'save', '-o', savedRelease(stand), stand.small.images.v1];
      await runWell('docker', save, { deadlineMs: 60_000 });
      for (const { row, point } of queue)
        await t.test(`${row.hand.name}, at ${point}: ${row.ends}`, async () => {
          await anew(stand);
          const ran = await runUnderHand({ stand, tap, hand: row.hand, point, first: row.first ?? 'revert' });
          const { report } = ran;
          assert.equal(report.outcome, row.ends, `${report.headline}\n${ran.asked.join('\n')}`);
          if (row.says !== undefined) {
            const { says } = row;
            const told = sentencesOf(report).filter(sentence => says.test(sentence));
            assert.notDeepEqual(told, [], `${says} in none of ${sentencesOf(report.steps).join('\n')}`);
            named += 1;
          }
          assert.deepEqual(checkPromises(await lessTheHand(stand, row.hand, point, ran), demandedOf(report)), []);
          assert.deepEqual(mixes(row.hand, point, ran), []);
          if (row.says !== undefined) assert.notDeepEqual(report.next, [], 'it says what to do next');
          ended.set(report.outcome, (ended.get(report.outcome) ?? 0) + 1);
          asked += ran.asked.length;
        });
    });
});
