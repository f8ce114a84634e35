import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { callsOf } from '../../bench/engine-calls.ts';
import { activitiesOf, gapsOf, type HistoryEvent } from '../../bench/orchestration.ts';
import { type Asked, outageOf } from '../../bench/prober.ts';
import type { JournalEntry } from '../../src/executor/contract.ts';

/** One question each 10 ms, answered after 2: `g` good, `.` refused. */
const asked = (text: string): Asked[] =>
  [...text].map((answer, at) => ({ askedAt: at * 10, answeredAt: at * 10 + 2, good: answer === 'g' }));

describe('the outage as a user sees it', () => {
  it('is from the last good answer before to the first good one after', () => {
    assert.deepEqual(outageOf(asked('ggg.....gg'), 0), { ms: 60, others: [] });
  });

  it('is the longest one; others above a second are told', () => {
    const text = `gg${'.'.repeat(120)}gg${'.'.repeat(300)}gg.g`;
    assert.deepEqual(outageOf(asked(text), 0), { ms: 3_010, others: [1_210] });
  });

  it('begins with the last good answer before the command, where that shuts the ingress at once', () => {
    assert.deepEqual(outageOf(asked('gg.....gg...g'), 15), { ms: 60, others: [] });
  });

  it('is not one that was over before the command', () => {
    assert.equal(outageOf(asked('g.........g.g..g'), 105).ms, 30);
  });

  it('is not measured where the ingress never shut, or never opened', () => {
    for (const text of ['gggggg', 'ggg...', '...ggg', ''])
      assert.throws(() => outageOf(asked(text), 0), /no outage was measured/, text);
  });
});

type Told = readonly [name: string, scheduled: number, started: number, completed: number];
const history = (activities: readonly Told[]): HistoryEvent[] =>
  activities.flatMap(([name, scheduled, started, completed], at): HistoryEvent[] => {
    const eventTime = (ms: number) => ({ seconds: Math.floor(ms / 1_000), nanos: (ms % 1_000) * 1e6 });
    const scheduledEventId = at * 3 + 1;
    return [
      {
        eventId: scheduledEventId,
        eventTime: eventTime(scheduled),
        activityTaskScheduledEventAttributes: { activityType: { name } },
      },
      { eventId: at * 3 + 2, eventTime: eventTime(started), activityTaskStartedEventAttributes: { scheduledEventId } },
      {
        eventId: at * 3 + 3,
        eventTime: eventTime(completed),
        activityTaskCompletedEventAttributes: { scheduledEventId },
      },
    ];
  });
const gaps = (activities: readonly Told[]) => gapsOf(activitiesOf(history(activities)));

describe('the time between two steps', () => {
  const PATH: Told[] = [
    ['recheckPlatform', 0, 5, 100],
    ['shutGates', 2_000, 2_005, 2_500],
    ['stopTier', 2_507, 2_510, 4_000],
    ['openGates', 4_003, 4_020, 5_000],
    ['judgeFrontDoor', 6_000, 6_001, 6_100],
  ];

  it('is from a completion to the next start, between the shutting and the opening of the gates', () => {
    assert.deepEqual(gaps(PATH), [
      { after: 'shutGates', before: 'stopTier', ms: 10, decidingMs: 7 },
      { after: 'stopTier', before: 'openGates', ms: 20, decidingMs: 3 },
    ]);
  });

  it('leaves out what is told beside the run, and is nothing while another activity is under way', () => {
    const beside: Told[] = [
      ['notify', 2_501, 2_502, 2_503],
      ['captureLive', 2_400, 2_450, 4_015],
    ];
    assert.deepEqual(
      gaps([...PATH, ...beside]).map(gap => gap.ms),
      [5],
    );
  });

  it('is not told of a run that never opened', () => {
    assert.throws(() => gaps(PATH.slice(0, 3)), /the history has no outage/);
  });
});

describe('the calls of a journal', () => {
  const entry = (seq: number, type: 'intent' | 'done', target: string, ms: number, more: object = {}): JournalEntry => {
    const key = { run: 'r', step: 'stop-tiers', direction: 'forward', round: 1, target, ...more };
    const by = type === 'done' ? { by: 'act' } : { fence: { turn: 1, attempt: 1 } };
    const at = new Date(Date.UTC(2026, 0, 1) + ms).toISOString();
    return { seq, at, fact: { type, key, effect: 'stop', effectRound: 1, ...by }, prev: '', hash: '' } as never;
  };

  it('cost from the intent to the result; those found done, and undos, cost none', () => {
    const entries = [
      entry(1, 'intent', 'api', 0),
      entry(2, 'intent', 'db', 100),
      entry(3, 'done', 'api', 300),
      entry(4, 'done', 'cache', 310),
      entry(5, 'intent', 'db', 320, { direction: 'undo' }),
      entry(6, 'done', 'db', 1_100),
      entry(7, 'done', 'db', 2_000, { direction: 'undo' }),
    ];
    const all = { calls: 2, span: 1_100, median: 1_000, longest: 1_000, target: 'db' };
    assert.deepEqual(callsOf(entries), [{ step: 'stop-tiers', effect: 'stop', ...all }]);
  });
});
