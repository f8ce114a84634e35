import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunPlan } from '../../src/plan/run-plan.ts';
import { forecastOf, type PastRun, pastRunOf } from '../../src/run/forecast.ts';
import { reportOf } from '../../src/run/report.ts';
import { after, began, ended, request } from './run-of-events.ts';

const runPlan = {
  plan: { tiers: ['a', 'b'], verify: { window: 5_000 } },
  targets: [{ kind: 'docker' }],
} as unknown as RunPlan;
const past = (outageMs: number, totalMs: number): PastRun => ({ outageMs, totalMs });

test('a forecast is an estimate as long as no run completed', () => {
  assert.deepEqual(forecastOf(runPlan, []), { outage: 8_650, total: 10_770, from: 'estimated' });
});

test('a forecast is the median of the runs that completed', () => {
  assert.deepEqual(forecastOf(runPlan, [past(9_000, 20_000)]), { outage: 9_000, total: 20_000, from: 'measured' });
  const three = [past(1_000, 90_000), past(3_000, 10_000), past(90_000, 30_000)];
  assert.deepEqual(forecastOf(runPlan, three), { outage: 3_000, total: 30_000, from: 'measured' });
  assert.deepEqual(forecastOf(runPlan, [past(1_000, 2_000), past(2_000, 4_000)]), {
    outage: 1_500,
    total: 3_000,
    from: 'measured',
  });
});

test('what is learnt of a report is its outage and its time in steps, less what it waited for people', () => {
  const open = reportOf(after([{ type: 'started', request, run: 'r' }, began('admit'), ended('admit')]));
  assert.equal(pastRunOf(open), undefined);
  const report = {
    ...open,
    outcome: 'completed',
    outageMs: 7_000,
    totalMs: 999_000,
    phases: [
      { phase: 'prepare', ms: 2_000 },
      { phase: 'confirm', ms: 900_000 },
      { phase: 'restore', ms: 6_000 },
    ],
  };
  assert.deepEqual(pastRunOf(report), { outageMs: 7_000, totalMs: 8_000 });
  assert.equal(pastRunOf({ ...report, outcome: 'reverted' }), undefined);
  for (const nonsense of [null, 'text', {}, { ...report, phases: 'none' }, { ...report, outageMs: '7' }])
    assert.equal(pastRunOf(nonsense), undefined);
});
