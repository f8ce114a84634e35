import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TierName } from '../../src/plan/ids.ts';
import { renderReport } from '../../src/run/render-report.ts';
import { reportOf } from '../../src/run/report.ts';
import { timelineOf } from '../../src/run/timeline.ts';
import { after, began, ended, start, step } from './run-of-events.ts';

const note = (target: string, ms: number) => ({ target, verdict: 'passed' as const, note: 'stopped', ms });
const part = (name: string, tier?: string) => ({
  type: 'part-began' as const,
  part: name,
  ...(tier === undefined ? {} : { tier: tier as TierName }),
});

describe('the time line of a run', () => {
  // One event a second: started 1, admitted 2, began 3 …
  const events = [
    ...start(4),
    ...step('admit'),
    began('shut-gates'),
    ended('shut-gates'),
    { type: 'traffic' as const, traffic: 'shut' as const },
    began('stop-tiers'),
    part('stop services', 'services'),
    part('stop strangers', 'strangers'),
    ended('stop-tiers', {
      verdict: 'passed',
      reason: 'stopped',
      targets: [
        note('service-number-1', 20),
        note('service-number-2', 900),
        note('service-number-3', 300),
        note('service-number-4', 10),
        note('elsewhere', 5_000),
      ],
    }),
    began('open-gates'),
    ended('open-gates'),
    { type: 'traffic' as const, traffic: 'open' as const },
    ...step('judge-front-door'),
    began('admit'),
  ];
  const rows = timelineOf(after(events));

  it('has each step that ended, then its parts, with when it began and how long it took', () => {
    assert.deepEqual(
      rows.map(row => [row.part ?? row.step, row.beganMs, row.ms]),
      [
        ['admit', 2_000, 1_000],
        ['shut-gates', 4_000, 1_000],
        ['stop-tiers', 7_000, 3_000],
        ['stop services', 8_000, 1_000],
        ['stop strangers', 9_000, 1_000],
        ['open-gates', 11_000, 1_000],
        ['judge-front-door', 14_000, 1_000],
      ],
    );
  });

  it('says what of it is outage', () => {
    assert.deepEqual(
      rows.filter(row => row.shut).map(row => row.part ?? row.step),
      ['shut-gates', 'stop-tiers', 'stop services', 'stop strangers', 'open-gates'],
    );
  });

  it('names the three slowest targets of a step, and of a part those of its own tier', () => {
    assert.deepEqual(
      rows[2]?.slowest.map(one => one.target),
      ['elsewhere', 'service-number-2', 'service-number-3'],
    );
    assert.deepEqual(
      rows[3]?.slowest.map(one => one.target),
      ['service-number-2', 'service-number-3', 'service-number-1'],
    );
    assert.deepEqual(rows[4]?.slowest, []);
  });

  it('is in the report', () => {
    const text = renderReport(reportOf(after(events)));
    assert.match(text, /## Time line/);
    assert.match(text, /\| · stop services \| \+8\.0s \| 1\.0s \| shut \| service-number-2 900ms, /);
  });

  it('is missing from the report of a run that an earlier version closed, which is rendered all the same', () => {
    const { timeline: _, ...earlier } = reportOf(after(events));
    assert.doesNotMatch(renderReport(earlier as never), /Time line/);
  });
});
