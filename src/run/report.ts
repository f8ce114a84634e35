import type { Phase } from '../plan/plan.ts';
import type { Loss, OutlineChange } from '../plan/run-plan.ts';
import type { Outcome, Traffic } from './events.ts';
import type { RunProgress, StepRecord } from './progress.ts';
import { type Cause, PHASE_OF } from './step.ts';
import { type TimelineRow, timelineOf } from './timeline.ts';

/** What is left of a run when it is over: the JSON of `lastgood report -o json`, and the details of a failed workflow. */
export interface RunReport {
  readonly schemaVersion: 1;
  readonly platform: string;
  readonly run: string;
  /** `open` while the run is. */
  readonly outcome: Outcome | 'open';
  /** Why it ended so, where that was by people, by their silence, or because nobody was there to ask. */
  readonly cause?: Cause;
  readonly headline: string;
  /** Whether anything of the live platform was touched: whether the freeze had begun. */
  readonly touched: boolean;
  readonly traffic: Traffic;
  readonly release: string;
  readonly runHash: string;
  readonly requester: string;
  readonly reason: string;
  readonly startedAt: string;
  readonly closedAt?: string;
  /** From the first gate told to shut until traffic was seen open. Absent: traffic was not shut, or is still. */
  readonly outageMs?: number;
  readonly totalMs?: number;
  readonly phases: readonly PhaseTime[];
  readonly steps: readonly StepRecord[];
  /** Where the time went: every step that ended, then its parts. */
  readonly timeline: readonly TimelineRow[];
  readonly changes: readonly OutlineChange[];
  readonly losses: readonly Loss[];
  readonly heard: RunProgress['heard'];
  readonly told: RunProgress['told'];
  readonly leftBehind: readonly string[];
  /** What others would do to the release now, as the plan said: a `docker-compose up` that makes it again. Of a completed run. */
  readonly afterwards?: readonly string[];
  /** What to do next, as sentences or commands. */
  readonly next: readonly string[];
}

export interface PhaseTime {
  readonly phase: Phase | 'undo';
  readonly ms: number;
  readonly targetMs?: number;
  readonly maxMs?: number;
}

/** Pure: computed from progress alone. */
export function reportOf(p: RunProgress): RunReport {
  const until = p.closedAt;
  return {
    schemaVersion: 1,
    platform: p.request?.platform ?? '',
    run: p.run,
    outcome: p.outcome ?? 'open',
    ...(p.cause === undefined ? {} : { cause: p.cause }),
    headline: p.headline,
    touched: p.frozenAt !== undefined,
    traffic: p.traffic,
    release: p.outline?.release ?? p.request?.release ?? '',
    runHash: p.outline?.hash ?? '',
    requester: p.request?.requester ?? '',
    reason: p.request?.reason ?? '',
    startedAt: p.startedAt,
    ...(until === undefined ? {} : { closedAt: until, totalMs: between(p.startedAt, until) }),
    ...(p.frozenAt === undefined || p.thawedAt === undefined ? {} : { outageMs: between(p.frozenAt, p.thawedAt) }),
    phases: phaseTimes(p),
    steps: p.steps,
    timeline: timelineOf(p),
    changes: p.outline?.changes ?? [],
    losses: p.losses,
    heard: p.heard,
    told: p.told,
    leftBehind: p.leftBehind,
    ...(p.outcome === 'completed' && p.outline?.afterwards !== undefined ? { afterwards: p.outline.afterwards } : {}),
    next: nextOf(p),
  };
}

function phaseTimes(p: RunProgress): PhaseTime[] {
  const spent = new Map<Phase | 'undo', number>();
  for (const step of p.steps) {
    if (step.endedAt === undefined) continue;
    const phase = step.direction === 'undo' ? 'undo' : PHASE_OF[step.step];
    spent.set(phase, (spent.get(phase) ?? 0) + between(step.beganAt, step.endedAt));
  }
  return [...spent].map(([phase, ms]) => {
    const budget = phase === 'confirm' ? undefined : p.outline?.budgets[phase];
    return budget === undefined ? { phase, ms } : { phase, ms, targetMs: budget.target, maxMs: budget.max };
  });
}

function nextOf(p: RunProgress): string[] {
  const platform = p.request?.platform ?? '';
  const last = p.steps.findLast(step => step.result?.next !== undefined)?.result?.next;
  if (p.outcome === undefined) return p.awaiting === undefined ? [] : [...p.awaiting.how];
  switch (p.outcome) {
    case 'completed':
      return [`lastgood status ${platform}   # aftercare compares with the baseline and then settles`];
    case 'reverted':
      return [...(last === undefined ? [] : [last]), `lastgood plan ${platform}   # what a new run would do`];
    case 'refused':
      return last === undefined ? [`lastgood plan ${platform}`] : [last];
    case 'held': {
      // A run that Temporal reset holds nothing: what the engine said last names the one that does.
      const ended = p.steps.findLast(step => step.result !== undefined && step.result.verdict !== 'passed')?.result;
      const next = ended?.notOurs ? ended.next : undefined;
      return [
        `lastgood report ${platform} --run ${p.run}`,
        next ?? `lastgood run ${platform} --take-over ${p.admittedAs ?? p.run}`,
      ];
    }
  }
}

const between = (from: string, to: string): number => Math.max(0, Date.parse(to) - Date.parse(from));
