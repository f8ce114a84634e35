import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  completed,
  confirmationAwaited,
  escalated,
  failedAndReverting,
  handedOver,
  held,
  pastTarget,
  refused,
  reverted,
  runStarted,
  type Wording,
  worse,
} from '../../src/notify/messages.ts';
import { minutes } from '../../src/plan/duration.ts';
import { about, awaitingDecision, failed, notShut, outlook, shut } from './facts.ts';

function says(found: Wording, urgency: Wording['urgency'], title: string, lines: readonly string[]): void {
  assert.deepEqual(found.text.split('\n'), lines);
  assert.deepEqual(found, { title, text: found.text, urgency });
}

test('a run that started says why, what it will do and what it may lose', () => {
  says(
    runStarted(about, {
      ...outlook,
      requester: 'ada',
      reason: 'the fee is not\ncharged',
      severity: 'P1',
      mode: 'manual',
    }),
    'info',
    'n3xus: rollback to v1.4.0 started by ada',
    [
      'Rollback of n3xus to v1.4.0 started.',
      '- why: the fee is not charged (P1, manual, requested by ada)',
      '- to do: 2 changed, 1 restored, 1 unchanged',
      '- data: 12 rows lost, at most 50 accepted: ledger-data 1012 - 1000 = 12 (since 2025-12-25 02:00:00 UTC)',
      '- forecast: 1m 30s of outage in 4m (estimated)',
      '- run hash: `4f1d2c3b4a59`',
      '- platform: not changed',
      '- next: `lastgood watch n3xus`',
    ],
  );
});

test('a confirmation awaited says who, until when, and what silence means', () => {
  says(
    confirmationAwaited(about, {
      ...outlook,
      awaiting: {
        what: '1 of 2 approvals',
        whom: ['team-lead'],
        until: '2025-12-25T03:15:00.000Z',
        silence: 'the run is refused and nothing was touched',
        how: ['lastgood confirm n3xus --hash 4f1d2c3b'],
      },
    }),
    'page',
    'n3xus: rollback to v1.4.0 waits for confirmation',
    [
      'Rollback of n3xus to v1.4.0 waits for confirmation. Meanwhile it is prepared beside what runs.',
      '- to do: 2 changed, 1 restored, 1 unchanged',
      '- data: 12 rows lost, at most 50 accepted: ledger-data 1012 - 1000 = 12 (since 2025-12-25 02:00:00 UTC)',
      '- forecast: 1m 30s of outage in 4m (estimated)',
      '- run hash: `4f1d2c3b4a59`',
      '- platform: not changed',
      '- awaited: 1 of 2 approvals, from team-lead, until 2025-12-25 03:15:00 UTC',
      '- silence: the run is refused and nothing was touched',
      '- next: `lastgood confirm n3xus --hash 4f1d2c3b`',
    ],
  );
});

test('a phase past its target shows the arithmetic', () => {
  says(
    pastTarget(about, {
      phase: 'stop',
      part: 'tier 3 · streaming · 3 services',
      budget: { target: minutes(2), max: minutes(5) },
      standing: { ...shut, swapped: false },
    }),
    'info',
    'n3xus: stop takes longer than planned',
    [
      'The phase stop of the rollback of n3xus to v1.4.0 takes longer than planned.',
      '- time: 2m planned and gone, 5m at most: then the step is cancelled and fails',
      '- under way: tier 3 · streaming · 3 services',
      '- platform: frozen, nothing swapped: it holds what it held; traffic is shut',
      '- next: `lastgood status n3xus`',
    ],
  );
});

test('a failure that reverts names the worst target first', () => {
  says(failedAndReverting(about, { failed, standing: shut }), 'page', 'n3xus: start-tiers failed, reverting', [
    'The rollback of n3xus to v1.4.0 failed and is being undone.',
    '- failed: start-tiers, round 2: failed',
    '- found: tier 1: 1 of 4 targets did not become healthy in 30s; nothing above it was started.',
    '  - `ledger-mgr` failed: /fee/enforced true expected, false found',
    '  - `token-mgr` inconclusive: no answer within 5.0s',
    '- hint: docker logs ledger-mgr',
    '- platform: changed: targets were swapped to v1.4.0; traffic is shut',
    '- then: it is put back as it was found just before the freeze',
    '- awaited: nobody; if the undo fails too, the run is held and people are paged',
    '- next: `lastgood watch n3xus`',
  ]);
});

test('a held run says who must decide and how', () => {
  says(
    held(about, { failed, standing: shut, awaiting: awaitingDecision }),
    'page',
    'n3xus: held at start-tiers: a person must decide',
    [
      'The rollback of n3xus to v1.4.0 is held: it goes no further until a person decides.',
      '- failed: start-tiers, round 2: failed',
      '- found: tier 1: 1 of 4 targets did not become healthy in 30s; nothing above it was started.',
      '  - `ledger-mgr` failed: /fee/enforced true expected, false found',
      '  - `token-mgr` inconclusive: no answer within 5.0s',
      '- hint: docker logs ledger-mgr',
      '- platform: changed: targets were swapped to v1.4.0; traffic is shut',
      '- awaited: a decision, from whoever is on call, without limit',
      '- silence: it stays held, traffic stays shut, and the ladder is climbed again',
      '- next: `lastgood decide n3xus retry --reason "…"`',
      '- next: `lastgood decide n3xus revert --reason "…"`',
    ],
  );
});

test('a held run whose gate could not be shut says NOT SHUT before all else', () => {
  says(
    held(about, { failed: { ...failed, direction: 'undo' }, standing: notShut, awaiting: awaitingDecision }),
    'page',
    'NOT SHUT: ingress of n3xus; held at start-tiers: a person must decide',
    [
      'NOT SHUT: ingress: users may still reach the platform through it. Shut it by hand now.',
      'The rollback of n3xus to v1.4.0 is held: it goes no further until a person decides.',
      '- failed: taking back start-tiers, round 2: failed',
      '- found: tier 1: 1 of 4 targets did not become healthy in 30s; nothing above it was started.',
      '  - `ledger-mgr` failed: /fee/enforced true expected, false found',
      '  - `token-mgr` inconclusive: no answer within 5.0s',
      '- hint: docker logs ledger-mgr',
      '- platform: changed: targets were swapped to v1.4.0; traffic is NOT SHUT: ingress',
      '- awaited: a decision, from whoever is on call, without limit',
      '- silence: it stays held, traffic stays shut, and the ladder is climbed again',
      '- next: `lastgood decide n3xus retry --reason "…"`',
      '- next: `lastgood decide n3xus revert --reason "…"`',
    ],
  );
});

test('a reverted run says that the platform is as it was found', () => {
  says(
    reverted(about, {
      why: 'start-tiers failed',
      standing: { ...shut, traffic: 'open' },
      outage: 65_000,
      total: 200_000,
      leftBehind: [],
    }),
    'page',
    'n3xus: reverted: it is as it was found',
    [
      'The rollback of n3xus to v1.4.0 was undone, and verified to be as found just before the freeze.',
      '- why: start-tiers failed',
      '- platform: as it was found; traffic is open',
      '- time: 1m 5s of outage in 3m 20s',
      '- next: `lastgood report n3xus --run 0199-run`',
      '- next: `lastgood plan n3xus`',
    ],
  );
});

test('a reverted run that stays shut says so, and what was left behind', () => {
  says(
    reverted(about, {
      why: 'start-tiers failed',
      standing: shut,
      total: 200_000,
      leftBehind: ['ledger-mgr.lg-0123456789'],
    }),
    'page',
    'n3xus: reverted: it is as it was found',
    [
      'The rollback of n3xus to v1.4.0 was undone, and verified to be as found just before the freeze.',
      '- why: start-tiers failed',
      '- platform: as it was found; traffic is shut',
      '- time: traffic shut since the freeze, the run took 3m 20s',
      '- left behind: 1 object: ledger-mgr.lg-0123456789',
      '- awaited: somebody who opens the gates: after-revert is stay-shut',
      '- next: `lastgood report n3xus --run 0199-run`',
      '- next: `lastgood plan n3xus`',
    ],
  );
});

test('a completed run says what was lost and how to go back', () => {
  says(
    completed(about, {
      ...outlook,
      outage: 65_000,
      total: 200_000,
      leftBehind: [],
      aftercare: 7_200_000,
    }),
    'info',
    'n3xus: completed: it runs v1.4.0',
    [
      'Every target of n3xus is at v1.4.0, verified inside and at the front door.',
      '- platform: changed: 2 changed, 1 restored, 1 unchanged; traffic is open',
      '- data: 12 rows lost, at most 50 accepted: ledger-data 1012 - 1000 = 12 (since 2025-12-25 02:00:00 UTC)',
      '- time: 1m 5s of outage in 3m 20s',
      '- awaited: nobody; for 2h it is compared with its baseline, and then what undo kept is dropped',
      '- next: `lastgood report n3xus --run 0199-run`',
      '- next: `lastgood plan n3xus --release before:0199run`',
    ],
  );
});

test('a refused run says that nothing was touched, and what to do next', () => {
  says(refused(about, { ...failed, step: 'admit', round: 1 }), 'info', 'n3xus: refused at admit: nothing was touched', [
    'The rollback of n3xus to v1.4.0 was refused.',
    '- platform: not changed',
    '- awaited: nobody; the run is closed',
    '- failed: admit: failed',
    '- found: tier 1: 1 of 4 targets did not become healthy in 30s; nothing above it was started.',
    '  - `ledger-mgr` failed: /fee/enforced true expected, false found',
    '  - `token-mgr` inconclusive: no answer within 5.0s',
    '- next: docker logs ledger-mgr',
  ]);
});

test('a run handed over says to whom, and how its lock is taken', () => {
  says(
    handedOver(about, { by: 'grace', reason: 'the disk is broken', standing: shut }),
    'page',
    'n3xus: handed over to grace',
    [
      'The rollback of n3xus to v1.4.0 was handed over to grace, and the run is closed as held.',
      '- why: the disk is broken',
      '- platform: changed: targets were swapped to v1.4.0; traffic is shut',
      '- awaited: grace; lock and undo are kept, and no other run starts before they are taken over',
      '- next: `lastgood run n3xus --take-over 0199-run`',
    ],
  );
});

test('what is worse than the baseline is said, and that nothing is undone by itself', () => {
  says(
    worse(about, 'front door: 180 ms, 40 ms when it earned good'),
    'page',
    'n3xus: worse than its baseline after the rollback',
    [
      'n3xus answers worse than when its release earned good.',
      '- found: front door: 180 ms, 40 ms when it earned good',
      '- platform: changed by the rollback; traffic is open; nothing is undone by itself',
      '- awaited: somebody who judges it; silence leaves the release in place',
      '- next: `lastgood report n3xus --run 0199-run`',
    ],
  );
});

test('an escalation keeps the first line, and says who hears of it next', () => {
  says(
    escalated(about, held(about, { failed, standing: notShut, awaiting: awaitingDecision }), {
      level: 2,
      levels: 3,
      within: 600_000,
    }),
    'page',
    'NOT SHUT: ingress of n3xus; held at start-tiers: a person must decide (level 2: nobody answered so far)',
    [
      'NOT SHUT: ingress: users may still reach the platform through it. Shut it by hand now.',
      'The rollback of n3xus to v1.4.0 is held: it goes no further until a person decides.',
      '- failed: start-tiers, round 2: failed',
      '- found: tier 1: 1 of 4 targets did not become healthy in 30s; nothing above it was started.',
      '  - `ledger-mgr` failed: /fee/enforced true expected, false found',
      '  - `token-mgr` inconclusive: no answer within 5.0s',
      '- hint: docker logs ledger-mgr',
      '- platform: changed: targets were swapped to v1.4.0; traffic is NOT SHUT: ingress',
      '- awaited: a decision, from whoever is on call, without limit',
      '- silence: it stays held, traffic stays shut, and the ladder is climbed again',
      '- next: `lastgood decide n3xus retry --reason "…"`',
      '- next: `lastgood decide n3xus revert --reason "…"`',
      '- escalation: level 2 of 3; acknowledge within 10m, or level 3 is told',
      '- next: `lastgood acknowledge n3xus`',
    ],
  );
});
