import { minutes, seconds } from '../../src/plan/duration.ts';
import type { HostName, PlatformName, ReleaseId, RunHash, TargetId, TierName } from '../../src/plan/ids.ts';
import type { RollbackRequest } from '../../src/plan/rollback-request.ts';
import type { RunOutline } from '../../src/plan/run-plan.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { notStarted, type RunProgress, reduce } from '../../src/run/progress.ts';
import { type Direction, failed, passed, type StepName, type StepResult } from '../../src/run/step.ts';

export const request: RollbackRequest = {
  platform: 'shop' as PlatformName,
  severity: 'P0',
  mode: 'manual',
  reason: 'fees are not charged',
  requester: 'ada',
};

const budget = { target: seconds(30), max: minutes(2) };
export const outline = (targets = 3): RunOutline => {
  const ids = Array.from({ length: targets }, (_, index) => `service-number-${index + 1}` as TargetId);
  return {
    platform: request.platform,
    hash: 'ab'.repeat(32) as RunHash,
    release: 'v1' as ReleaseId,
    host: 'main' as HostName,
    tiers: [{ tier: 'services' as TierName, targets: ids }],
    swapped: ids,
    captured: [],
    gates: [],
    changes: ids.map(target => ({ target, kind: 'docker', change: 'changed', from: 'v2', to: 'v1' })),
    losses: [],
    lossCeiling: 0,
    forecast: { outage: seconds(9), total: seconds(20), from: 'estimated' },
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
    approval: { approvals: 0, by: [], within: minutes(1), silence: 'refuse' },
    onFailure: { beforeRestore: 'revert', afterRestore: 'ask', silence: 'stay', within: minutes(1) },
    afterRevert: 'open',
    escalation: [],
    aftercare: { for: minutes(1), every: minutes(1) },
  };
};

export const began = (step: StepName, direction: Direction = 'forward', round = 1): RunEvent => ({
  type: 'step-began',
  step,
  direction,
  round,
});
export const ended = (
  step: StepName,
  result: StepResult = passed('done'),
  direction: Direction = 'forward',
  round = 1,
): RunEvent => ({ type: 'step-ended', step, direction, round, result });
export const step = (name: StepName, ok = true): RunEvent[] => [
  began(name),
  ended(name, ok ? passed('done') : failed('it is broken')),
];

export const start = (targets?: number): RunEvent[] => [
  { type: 'started', request, run: 'run-1' },
  { type: 'admitted', outline: outline(targets) },
];

/** One event a second. */
export const after = (events: readonly RunEvent[], from: RunProgress = notStarted): RunProgress =>
  events.reduce((progress, event) => {
    const number = progress.events + 1;
    return reduce(progress, { number, at: new Date(Date.UTC(2026, 0, 1, 3, 0, number)).toISOString(), event });
  }, from);
