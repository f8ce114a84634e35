import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wordingOf } from '../../src/notify/wording-of.ts';
import { minutes, seconds } from '../../src/plan/duration.ts';
import type { GateName, HostName, PlatformName, ReleaseId, RunHash } from '../../src/plan/ids.ts';
import type { RunOutline } from '../../src/plan/run-plan.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { notStarted, type RunProgress, reduce } from '../../src/run/progress.ts';
import { forTelling, type SayingKind } from '../../src/run/saying.ts';
import { failed, passed, type StepName } from '../../src/run/step.ts';
import { outlook } from './facts.ts';

const budget = { target: minutes(2), max: minutes(5) };
const outline: RunOutline = {
  ...outlook,
  platform: 'n3xus' as PlatformName,
  hash: outlook.hash as RunHash,
  release: 'v1.4.0' as ReleaseId,
  host: 'main' as HostName,
  tiers: [],
  swapped: [],
  captured: [],
  gates: ['ingress' as GateName],
  forecast: { outage: seconds(90), total: seconds(240), from: 'estimated' },
  budgets: {
    admit: budget,
    prepare: budget,
    freeze: budget,
    snapshot: budget,
    stop: budget,
    restore: budget,
    start: budget,
    verify: budget,
    thaw: budget,
    undo: budget,
    total: budget,
  },
  approval: { approvals: 2, by: ['team-lead'], within: minutes(15), silence: 'escalate' },
  onFailure: { beforeRestore: 'revert', afterRestore: 'ask', silence: 'stay', within: minutes(10) },
  afterRevert: 'open',
  escalation: [],
  aftercare: { for: minutes(120), every: minutes(15) },
};

const started: RunEvent = {
  type: 'started',
  run: '0199-run',
  request: { platform: 'n3xus' as PlatformName, severity: 'P1', mode: 'manual', reason: 'no fee', requester: 'ada' },
};
const admitted: RunEvent = { type: 'admitted', outline };
const awaiting: RunEvent = {
  type: 'awaiting',
  awaiting: {
    what: '2 of 2 approvals',
    whom: ['team-lead'],
    until: '2025-12-25T03:15:00.000Z',
    silence: 'silence asks the next level',
    how: ['lastgood confirm n3xus --hash 4f1d2c3b4a59'],
  },
};
const began = (step: StepName, direction: 'forward' | 'undo' = 'forward'): RunEvent => ({
  type: 'step-began',
  step,
  direction,
  round: 1,
});
const ended = (step: StepName, reason = '', direction: 'forward' | 'undo' = 'forward'): RunEvent => ({
  type: 'step-ended',
  step,
  direction,
  round: 1,
  result: reason === '' ? passed('done') : failed(reason),
});
const done = (...steps: StepName[]): RunEvent[] => steps.flatMap(step => [began(step), ended(step)]);
const undone = (...steps: StepName[]): RunEvent[] =>
  steps.flatMap(step => [began(step, 'undo'), ended(step, '', 'undo')]);

/** One second an event. */
function progressOf(...events: RunEvent[]): RunProgress {
  const at = (index: number): string => new Date(Date.UTC(2025, 11, 25, 3, 0, index)).toISOString();
  return events.reduce((p, event, index) => reduce(p, { number: index + 1, at: at(index), event }), notStarted);
}
const say = (kind: SayingKind, progress: RunProgress, reason = '', level = 0) =>
  wordingOf({ kind, progress: forTelling(progress), level, levels: 2, within: minutes(5), reason });

const toSwap = [
  started,
  admitted,
  ...done('stage', 'approve', 'shut-gates'),
  { type: 'traffic', traffic: 'shut' } as const,
  ...done('stop-tiers', 'swap-in'),
];

test('a run that asks for approvals says so, and one that asks for none says that it started', () => {
  const asking = say('awaiting', progressOf(started, admitted, awaiting));
  assert.equal(asking.title, 'n3xus: rollback to v1.4.0 waits for confirmation');
  assert.match(
    asking.text,
    /- awaited: 2 of 2 approvals, from team-lead, until 2025-12-25 03:15:00 UTC\n- silence: silence asks the next level\n/,
  );
  assert.equal(say('awaiting', progressOf(started, admitted)).title, 'n3xus: rollback to v1.4.0 started by ada');
});

test('the next level is given its own time, and hears how far it is', () => {
  const { title, text } = say(
    'still-awaiting',
    progressOf(started, admitted, awaiting),
    '1 of 2 approvals within its time',
    2,
  );
  assert.equal(title, 'n3xus: rollback to v1.4.0 waits for confirmation (level 2: nobody answered so far)');
  assert.match(text, /so far 1 of 2 approvals within its time\), from team-lead, until 2025-12-25 03:30:00 UTC\n/);
  assert.match(text, /- escalation: level 2 of 2; acknowledge within 5m, or this level is told again\n/);
});

test('a late phase names its own budget, an undo its own, and admit none', () => {
  assert.match(
    say('past-target', progressOf(...toSwap, began('start-tiers'))).text,
    /^The phase start .*\n- time: 2m planned and gone, 5m at most: then/,
  );
  assert.match(say('past-target', progressOf(...toSwap, began('swap-in', 'undo'))).text, /^The phase undo /);
  assert.match(say('past-target', progressOf(started, began('admit'))).text, /- time: past its target/);
});

test('whether targets are swapped is right at every step, forward and back', () => {
  const platform = (...events: RunEvent[]): string | undefined =>
    /- platform: (.*);/.exec(say('reverting', progressOf(...events), 'x').text)?.[1];
  const changed = 'changed: targets were swapped to v1.4.0';
  const frozen = 'frozen, nothing swapped: it holds what it held';
  const failedStart = [...toSwap, began('start-tiers'), ended('start-tiers', 'no')];
  assert.equal(platform(started, admitted, began('stage')), 'not changed');
  assert.equal(platform(started, admitted, began('shut-gates')), frozen);
  assert.equal(platform(started, admitted, ...done('shut-gates'), began('swap-in')), changed);
  assert.equal(platform(...failedStart), changed);
  assert.equal(platform(...failedStart, ...undone('start-tiers')), changed);
  assert.equal(platform(...failedStart, ...undone('start-tiers'), began('swap-in', 'undo')), changed);
  assert.equal(platform(...failedStart, ...undone('start-tiers', 'swap-in')), frozen);
  assert.equal(platform(...failedStart, ...undone('start-tiers', 'swap-in', 'stop-tiers', 'judge-inside')), frozen);
});

test('a held run says NOT SHUT first, what failed, and climbs', () => {
  const events = [...toSwap, began('start-tiers'), ended('start-tiers', 'ledger-mgr is down')];
  const p = progressOf(...events, { type: 'held', reason: 'ledger-mgr is down', notShut: ['ingress'] }, awaiting);
  const { title, text, urgency } = say('held', p, 'ledger-mgr is down', 1);
  assert.equal(title, 'NOT SHUT: ingress of n3xus; held at start-tiers: a person must decide');
  assert.match(text, /^NOT SHUT: ingress: .*\n.*\n- failed: start-tiers: failed\n- found: ledger-mgr is down\n/);
  assert.match(text, /acknowledge within 5m, or level 2 is told\n- next: `lastgood acknowledge n3xus`$/);
  assert.equal(urgency, 'page');
});

test('each outcome has its words, with the time of the outage where there was one', () => {
  const close = (outcome: 'completed' | 'reverted' | 'refused' | 'held', headline: string): RunEvent => ({
    type: 'closed',
    outcome,
    headline,
  });
  const open: RunEvent = { type: 'traffic', traffic: 'open' };
  const whole = say('closed', progressOf(...toSwap, ...done('open-gates'), open, close('completed', 'done')));
  assert.equal(whole.title, 'n3xus: completed: it runs v1.4.0');
  assert.match(whole.text, /- time: 9\.0s of outage in 16s\n/);
  assert.match(whole.text, /lastgood plan n3xus --release before:0199run`$/);
  const back = say(
    'closed',
    progressOf(...toSwap, ...undone('swap-in', 'stop-tiers'), open, close('reverted', 'reverted: because')),
  );
  assert.match(back.text, /- why: reverted: because\n- platform: as it was found; traffic is open\n/);
  const shut = say('closed', progressOf(...toSwap, ...undone('swap-in', 'stop-tiers'), close('reverted', 'reverted')));
  assert.match(
    shut.text,
    /as it was found; traffic is shut\n- time: traffic shut since the freeze, the run took 17s\n- awaited: somebody who opens the gates/,
  );
  const refused = say(
    'closed',
    progressOf(started, began('admit'), ended('admit', 'no room'), close('refused', 'refused: no room')),
  );
  assert.match(refused.text, /- platform: not changed\n.*\n- failed: admit: failed\n- found: refused: no room\n/);
  const decide: RunEvent = {
    type: 'heard',
    message: { kind: 'decide', by: 'grace', reason: 'mine now', counted: true, why: '' },
  };
  const handed = say('closed', progressOf(...toSwap, decide, close('held', 'held')));
  assert.equal(handed.title, 'n3xus: handed over to grace');
});

test('every kind has words even when nothing is known yet', () => {
  for (const kind of [
    'awaiting',
    'still-awaiting',
    'past-target',
    'past-total',
    'reverting',
    'held',
    'closed',
    'worse',
    'kept',
  ] as const) {
    const { title, text } = wordingOf(
      { kind, progress: notStarted, level: 0, levels: 0, within: 0, reason: 'why' },
      'n3xus',
    );
    assert.ok(title.startsWith('n3xus: ') && text.includes('- platform: '), kind);
    assert.doesNotMatch(`${title}${text}`, /undefined|NaN|\[object/);
  }
});
