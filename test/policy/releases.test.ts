import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ReleaseId, TargetId } from '../../src/plan/ids.ts';
import type { TargetState } from '../../src/plan/run-plan.ts';
import { worseThan } from '../../src/policy/baseline.ts';
import { type Candidate, chooseRelease } from '../../src/policy/choose-release.ts';
import { differences, differsFromFound, moved, startedAnew } from '../../src/policy/compare.ts';
import { type GoodFacts, judgeGood } from '../../src/policy/good.ts';

const state = (change: Partial<TargetState> = {}): TargetState => ({
  target: 'api' as TargetId,
  identity: 'c1',
  version: 'v1',
  settings: 's1',
  activity: 'running',
  restartPolicy: 'always',
  label: 'v1',
  ...change,
});
const release = (id: string, version: string, good = true, origin: Candidate['origin'] = 'record'): Candidate => ({
  id: id as ReleaseId,
  origin,
  recordedAt: '2026-01-01T00:00:00.000Z',
  targets: [state({ version })],
  ...(good ? { good: {} } : {}),
});
const choose = (newestFirst: readonly Candidate[], version: string, asked?: string, restores = false) =>
  chooseRelease({
    platform: 'p',
    asked: asked as ReleaseId | undefined,
    newestFirst,
    now: [state({ version })],
    restores,
  });
const chosen = (choice: ReturnType<typeof choose>): string => ('refused' in choice ? 'refused' : choice.release.id);

describe('two looks at one target', () => {
  it('differ by version, settings and restart policy, and not by which object it is', () => {
    assert.deepEqual(differences(state(), state({ identity: 'c2', activity: 'exited' })), []);
    assert.deepEqual(differences(state(), state({ version: 'v2' })), ['version: expected v1, found v2']);
    assert.equal(differences(state(), state({ settings: 's2' })).length, 1);
    assert.equal(differences(state(), state({ restartPolicy: 'no' })).length, 1);
  });

  it('are a move when the object was made again, though it is alike', () => {
    assert.deepEqual(moved(state(), state({ identity: 'c2' })), ['identity: expected c1, found c2']);
  });

  it('are as found when what looped loops, runs or is down between two starts', () => {
    const looped = state({ activity: 'looping' });
    for (const activity of ['looping', 'running', 'exited'] as const)
      assert.deepEqual(differsFromFound(looped, state({ activity })), []);
    assert.equal(differsFromFound(looped, state({ activity: 'paused' })).length, 1);
    assert.equal(differsFromFound(state(), state({ activity: 'exited' })).length, 1);
  });
});

describe('one that was started anew', () => {
  const up = (started: string, change: Partial<TargetState> = {}) => state({ started, ...change });
  it('is said, with when it is up since and when it was', () => {
    assert.deepEqual(startedAnew(up('10:00'), up('10:05')), [
      'restarted, and not by this run: started at 10:05, expected 10:00',
    ]);
    assert.deepEqual(startedAnew(up('10:00'), up('10:00')), []);
  });
  it('is another matter when it was made again, or its engine restarts it because it ends', () => {
    assert.deepEqual(startedAnew(up('10:00'), up('10:05', { identity: 'c2' })), []);
    assert.deepEqual(startedAnew(up('10:00'), up('10:05', { restarts: 2 })), []);
  });
  it('is not known of one that was never started, or never seen', () => {
    assert.deepEqual(startedAnew(state(), up('10:05')), []);
    assert.deepEqual(startedAnew(up('10:00'), state()), []);
  });
});

describe('the release to go back to', () => {
  it('is the newest good one that does not run now, and never just the previous one', () => {
    assert.equal(chosen(choose([release('c', 'v3'), release('b', 'v2', false), release('a', 'v1')], 'v3')), 'a');
  });
  it('is the one that runs now only when data is put back too', () => {
    assert.equal(chosen(choose([release('c', 'v3')], 'v3')), 'refused');
    assert.equal(chosen(choose([release('c', 'v3')], 'v3', undefined, true)), 'c');
  });
  it('is refused by name when it is unknown, not good, or runs already', () => {
    const known = [release('c', 'v3'), release('b', 'v2', false)];
    for (const asked of ['x', 'b', 'c']) assert.equal(chosen(choose(known, 'v3', asked)), 'refused', asked);
  });
  it('may be what a run found, by name, without ever having been good', () => {
    assert.equal(chosen(choose([release('before:1', 'v2', false, 'run')], 'v3', 'before:1')), 'before:1');
    assert.equal(chosen(choose([release('before:1', 'v2', false, 'run')], 'v3')), 'refused');
  });
});

describe('good', () => {
  const facts = (change: Partial<GoodFacts>): GoodFacts => ({
    recorded: [state()],
    live: [state()],
    recordedAt: 0,
    now: 10_000,
    soak: 10_000,
    restarts: 0,
    bad: [],
    probes: 3,
    ...change,
  });
  const verdict = (change: Partial<GoodFacts>): string => judgeGood(facts(change)).verdict;

  it('is earned by what runs unchanged, soaked and probed', () => assert.equal(verdict({}), 'good'));
  it('waits for exactly what is missing of its soak', () => {
    assert.deepEqual(judgeGood(facts({ now: 4_000 })), {
      verdict: 'wait',
      waitMs: 6_000,
      reason: 'soaked 4 of 10 s, 3 of 3 probes pass, no restarts over 0',
    });
  });
  it('is not earned by what no longer runs, and may be by what was recorded at rest', () => {
    const down = state({ activity: 'exited' });
    const judged = judgeGood(facts({ live: [down] }));
    assert.deepEqual(
      [judged.verdict, judged.reason],
      ['not-good', 'what runs is not what was recorded: api: state: expected running, found exited'],
    );
    assert.equal(verdict({ recorded: [down], live: [down] }), 'good');
    assert.equal(verdict({ recorded: [down] }), 'not-good');
  });
  it('is not earned by what was made again, is gone, restarts, fails a probe, or has none', () => {
    assert.equal(verdict({ live: [state({ identity: 'c2' })] }), 'not-good');
    assert.equal(verdict({ live: [] }), 'not-good');
    assert.equal(verdict({ live: [state({ restarts: 1 })] }), 'not-good');
    assert.equal(verdict({ bad: ['api: no'] }), 'not-good');
    assert.equal(verdict({ probes: 0 }), 'not-good');
  });
});

describe('worse than the baseline', () => {
  const was = [{ target: 'api', probe: 'http 1', answerMs: 10 }];
  const now = (answerMs: number, passed = true) => [{ target: 'api', probe: 'http 1', answerMs, passed, reason: 'no' }];
  it('is a probe that fails, or one slower than three times and the noise', () => {
    assert.deepEqual(worseThan(was, now(130)), []);
    assert.deepEqual(worseThan(was, now(131)), ['api http 1: 131 ms, baseline 10 ms, limit 130 ms']);
    assert.deepEqual(worseThan(was, now(1, false)), ['api http 1: no']);
    assert.deepEqual(worseThan([], now(9_999)), []);
  });
});
