import type { About, Failed, Outlook } from '../../src/notify/messages.ts';
import type { Standing } from '../../src/notify/wording.ts';
import type { Duration } from '../../src/plan/duration.ts';
import type { TargetId } from '../../src/plan/ids.ts';
import type { Kind } from '../../src/plan/plan.ts';
import type { Change } from '../../src/plan/run-plan.ts';

export const about: About = { platform: 'n3xus', run: '0199-run', holder: '0199-run', release: 'v1.4.0' };

export const change = (target: string, kind: Kind, what: Change) => ({
  target: target as TargetId,
  kind,
  change: what,
  from: 'v1.5.0',
  to: 'v1.4.0',
});

export const outlook: Outlook = {
  hash: '4f1d2c3b4a5968778695a4b3c2d1e0f04f1d2c3b4a5968778695a4b3c2d1e0f0',
  changes: [
    change('auth-service', 'docker', 'changed'),
    change('ledger-mgr', 'docker', 'changed'),
    change('redis', 'docker', 'unchanged'),
    change('ledger-data', 'docker-volume', 'restored'),
  ],
  losses: [
    { store: 'ledger-data' as TargetId, rowsNow: 1_012, rowsThen: 1_000, lost: 12, since: '2025-12-25T02:00:00.000Z' },
  ],
  lossCeiling: 50,
  forecast: { outage: 90_000 as Duration, total: 240_000 as Duration, from: 'estimated' },
};

export const failed: Failed = {
  step: 'start-tiers',
  direction: 'forward',
  round: 2,
  result: {
    verdict: 'failed',
    reason: 'tier 1: 1 of 4 targets did not become healthy in 30s;\nnothing above it was started.',
    next: 'docker logs ledger-mgr',
    targets: [
      { target: 'wallet-ms', verdict: 'passed', note: 'started in 1.2s' },
      { target: 'token-mgr', verdict: 'inconclusive', note: 'no answer within 5.0s' },
      { target: 'ledger-mgr', verdict: 'failed', note: '/fee/enforced true expected, false found' },
    ],
  },
};

export const untouched: Standing = { touched: false, swapped: false, traffic: 'open', notShut: [] };
export const shut: Standing = { touched: true, swapped: true, traffic: 'shut', notShut: [] };
export const notShut: Standing = { touched: true, swapped: true, traffic: 'not-shut', notShut: ['ingress'] };

export const awaitingDecision = {
  what: 'a decision',
  whom: ['whoever is on call'],
  silence: 'it stays held, traffic stays shut, and the ladder is climbed again',
  how: ['lastgood decide n3xus retry --reason "…"', 'lastgood decide n3xus revert --reason "…"'],
};
