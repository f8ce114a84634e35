import { minutes, seconds } from '../../src/plan/duration.ts';
import type { RollbackRequest } from '../../src/plan/rollback-request.ts';
import type { RunOutline } from '../../src/plan/run-plan.ts';
import type { Awaiting, Outcome, RunEvent } from '../../src/run/events.ts';
import { notStarted, type RunProgress, reduce } from '../../src/run/progress.ts';
import { type Direction, failed, passed, type StepName, type StepResult } from '../../src/run/step.ts';

/** Runs told by their events, and taken in by the real reducer: what the view is shown in tests. */
export const START = Date.parse('2026-11-21T03:00:00.000Z');
export const RUN = '019dd4f2-7c1b-7a60-9d3e-52f1c0aa9c41';
export const HASH = '3f9a12bc44de07715c2a8a2f2b8e1f33d1c0b7a6955e4d3c2b1a09f8e7d6c5b4';

export const request = {
  platform: 'n3xus',
  severity: 'P1',
  mode: 'manual',
  reason: 'more than 10 % of logins fail since 02:40',
  requester: 'ana@ops-1',
} as unknown as RollbackRequest;

const budget = (target: number, max: number) => ({ target: seconds(target), max: seconds(max) });

export const outline = {
  platform: 'n3xus',
  hash: HASH,
  release: '2025.11.3',
  host: 'main',
  tiers: [
    {
      tier: 'foundation',
      targets: ['postgres', 'redis', 'streamcore', 'puabo-api', 'auth-service', 'pv-keys', 'puaboai-sdk'],
    },
    { tier: 'economic-core', targets: ['ledger-mgr', 'wallet-ms', 'token-mgr', 'invoice-gen'] },
    { tier: 'streaming', targets: ['streaming-service-v2', 'chat-stream-ms', 'ott-api'] },
  ],
  swapped: ['auth-service', 'ledger-mgr', 'ott-api'],
  captured: ['postgres-data', 'ledger-data'],
  gates: ['ingress'],
  changes: [
    {
      target: 'auth-service',
      tier: 'foundation',
      kind: 'docker',
      change: 'changed',
      from: '2025.12.0',
      to: '2025.11.3',
    },
    {
      target: 'ledger-mgr',
      tier: 'economic-core',
      kind: 'docker',
      change: 'changed',
      from: '2025.12.0',
      to: '2025.11.3',
    },
    { target: 'ott-api', tier: 'streaming', kind: 'docker', change: 'changed', from: '2025.12.0', to: '2025.11.3' },
    { target: 'redis', tier: 'foundation', kind: 'docker', change: 'unchanged', from: '7.0.15', to: '7.0.15' },
    { target: 'postgres-data', kind: 'docker-volume', change: 'kept', from: '1.2 GiB', to: '1.2 GiB' },
  ],
  losses: [],
  lossCeiling: 0,
  forecast: { outage: seconds(95), total: minutes(3), from: 'estimated' },
  budgets: {
    admit: budget(30, 120),
    prepare: budget(120, 300),
    freeze: budget(10, 30),
    snapshot: budget(60, 300),
    stop: budget(120, 300),
    restore: budget(180, 600),
    start: budget(120, 300),
    verify: budget(120, 300),
    thaw: budget(30, 120),
    undo: budget(300, 900),
    total: budget(600, 1_800),
  },
  approval: { approvals: 1, by: ['team-lead'], within: minutes(15), silence: 'escalate' },
  onFailure: { beforeRestore: 'revert', afterRestore: 'ask', silence: 'stay', within: minutes(10) },
  afterRevert: 'open',
  escalation: [{ level: 1, tell: ['oncall'], acknowledgeWithin: minutes(5) }],
  aftercare: { for: minutes(120), every: minutes(15) },
} as unknown as RunOutline;

export const losing = {
  ...outline,
  lossCeiling: 200,
  losses: [{ store: 'postgres-data', rowsNow: 1_200, rowsThen: 1_080, lost: 120, since: '2026-11-21T02:55:10.000Z' }],
} as unknown as RunOutline;

/** Events with a clock that a scene moves by itself. */
export class Story {
  progress: RunProgress = notStarted;
  now = START;
  private number = 0;

  constructor(asked: RollbackRequest = request) {
    this.event({ type: 'started', request: asked, run: RUN });
  }
  event(event: RunEvent): this {
    this.number += 1;
    this.progress = reduce(this.progress, { number: this.number, at: new Date(this.now).toISOString(), event });
    return this;
  }
  wait(ms: number): this {
    this.now += ms;
    return this;
  }
  begin(step: StepName, direction: Direction = 'forward', round = 1): this {
    return this.event({ type: 'step-began', step, direction, round });
  }
  end(result: StepResult, direction: Direction = 'forward', round = 1): this {
    return this.event({ type: 'step-ended', step: this.progress.step, direction, round, result });
  }
  step(step: StepName, ms: number, reason = 'done', direction: Direction = 'forward'): this {
    return this.begin(step, direction).wait(ms).end(passed(reason), direction);
  }
  close(outcome: Outcome, headline: string): this {
    return this.wait(800).event({ type: 'closed', outcome, headline });
  }
}

const approval: Awaiting = {
  what: `1 of 1 approvals of run hash ${HASH.slice(0, 12)}`,
  whom: ['team-lead'],
  until: '2026-11-21T03:15:01.000Z',
  silence: 'silence asks the next level, and refuses when there is none',
  how: [`lastgood confirm n3xus --hash ${HASH.slice(0, 12)}`, 'lastgood deny n3xus --reason "why"'],
};
const question = (answers: readonly string[]): Awaiting => ({
  what: `an answer: ${answers.join(', ')}`,
  whom: ['whoever is on call'],
  silence: 'nothing happens: traffic stays shut until somebody answers',
  how: answers.map(answer => `lastgood decide n3xus ${answer} --reason "why"`),
});
const paged = (delivered = true): RunEvent => ({
  type: 'told',
  telling: { channel: 'oncall', level: 1, kind: 'held', delivered, why: delivered ? '' : 'connection refused' },
});

export const admitted = (plan = outline): Story =>
  new Story().begin('admit').wait(900).event({ type: 'admitted', outline: plan }).end(passed('admitted'));
export const staged = (plan = outline): Story => admitted(plan).step('stage', 6_200, '3 targets are staged');
export const waiting = (): Story =>
  staged().begin('approve').event({ type: 'awaiting', awaiting: approval }).wait(95_000);
export const frozen = (plan = outline): Story =>
  staged(plan)
    .step('approve', 40, '0 of 0 approvals')
    .step('recheck', 300, 'nothing moved')
    .begin('shut-gates')
    .wait(1_100);
export const stopping = (plan = outline): Story =>
  frozen(plan)
    .event({ type: 'traffic', traffic: 'shut' })
    .end(passed('ingress is shut'))
    .step('capture-live', 20)
    .begin('stop-tiers')
    .wait(400)
    .event({ type: 'part-began', part: 'stop streaming · 3 services' })
    .wait(1_000);
export const restoring = (plan = outline): Story =>
  stopping(plan).end(passed('stop: 3 tiers')).step('capture-stopped', 12_000, '2 stores').begin('swap-in').wait(2_100);
export const verifying = (): Story =>
  restoring()
    .end(passed('3 swapped'))
    .step('start-tiers', 8_400, '3 tiers')
    .begin('judge-inside')
    .wait(130_000)
    .event({ type: 'past-target', step: 'judge-inside', direction: 'forward', target: 120_000, max: 300_000 });
const bad: StepResult = {
  ...failed('foundation: auth-service answered 500 on /auth/verify, 200 expected; traffic is still shut'),
  targets: [
    { target: 'auth-service', verdict: 'failed', note: 'http /auth/verify: 200 expected, 500 found' },
    { target: 'redis', verdict: 'passed', note: 'PONG' },
  ],
};
export const failing = (): Story => restoring().end(passed('3 swapped')).begin('start-tiers').wait(61_000).end(bad);
export const held = (): Story =>
  failing()
    .event({ type: 'held', reason: bad.reason, notShut: [] })
    .event({ type: 'awaiting', awaiting: question(['retry', 'revert', 'handover']) })
    .event(paged())
    .wait(180_000);
export const notShut = (): Story =>
  frozen()
    .event({ type: 'traffic', traffic: 'unknown' })
    .end(failed('ingress: nginx still answers 200 on http://127.0.0.1:8080/health after 30s'))
    .event({ type: 'traffic', traffic: 'not-shut' })
    .event({ type: 'held', reason: 'ingress: nginx still answers 200 after 30s', notShut: ['ingress'] })
    .event({ type: 'awaiting', awaiting: question(['retry', 'revert', 'handover']) })
    .event(paged(false))
    .wait(20_000);
export const swappingBack = (): Story =>
  failing()
    .event({ type: 'reverting', reason: bad.reason })
    .step('start-tiers', 3_000, 'stopped', 'undo')
    .begin('swap-in', 'undo')
    .wait(700);
export const paused = (): Story =>
  stopping()
    .end(passed('stop: 3 tiers'))
    .event({ type: 'paused', by: 'ben', reason: 'the network is being looked at' })
    .wait(42_000);
export const takingStock = (): Story => new Story().begin('admit').wait(1_400);

export const completed = (): Story =>
  verifying()
    .end(passed('41 of 41 probes'))
    .step('open-gates', 900)
    .event({ type: 'traffic', traffic: 'open' })
    .step('judge-front-door', 1_200)
    .close('completed', 'completed: every target is at 2025.11.3');
export const completedLosing = (): Story =>
  restoring(losing)
    .event({ type: 'losses-fixed', losses: losing.losses })
    .end(passed('3 swapped'))
    .step('start-tiers', 8_400)
    .step('judge-inside', 31_000)
    .step('open-gates', 900)
    .event({ type: 'traffic', traffic: 'open' })
    .step('judge-front-door', 1_200)
    .close('completed', 'completed: every target is at 2025.11.3');
export const reverted = (): Story =>
  swappingBack()
    .end(passed('swapped back'), 'undo')
    .step('stop-tiers', 9_000, 'started as found', 'undo')
    .step('judge-inside', 4_000, 'as found', 'undo')
    .begin('shut-gates', 'undo')
    .wait(900)
    .event({ type: 'traffic', traffic: 'open' })
    .end(passed('open'), 'undo')
    .step('stage', 300, 'dropped', 'undo')
    .close('reverted', `reverted: the platform is as it was just before the freeze. ${bad.reason}`);
export const refused = (): Story =>
  new Story()
    .begin('admit')
    .wait(700)
    .end(failed('nothing to do: every target is at 2025.11.3 already', 'lastgood release list n3xus'))
    .event({ type: 'reverting', reason: 'nothing to do' })
    .close('refused', 'refused, nothing was touched: nothing to do: every target is at 2025.11.3 already');
export const denied = (): Story =>
  waiting()
    .end(failed('denied by carla'))
    .event({ type: 'reverting', reason: 'denied by carla' })
    .step('stage', 300, 'dropped', 'undo')
    .close('refused', 'refused, nothing was touched: denied by carla');
export const handedOver = (): Story =>
  held()
    .event({ type: 'answered', answer: 'handover', by: 'carla', reason: 'the disk is broken' })
    .close('held', `held, handed over to a person: ${bad.reason}`);
