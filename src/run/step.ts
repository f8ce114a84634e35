import type { TargetId } from '../plan/ids.ts';
import type { Phase } from '../plan/plan.ts';

/** The runbook's steps by name, in order; the table itself is in workflows/rollback.ts. */
export const STEPS = [
  'admit',
  'stage',
  'approve',
  'recheck',
  'shut-gates',
  'capture-live',
  'stop-tiers',
  'capture-stopped',
  'swap-in',
  'start-tiers',
  'judge-inside',
  'open-gates',
  'judge-front-door',
] as const;
export type StepName = (typeof STEPS)[number];

export const PHASE_OF: Readonly<Record<StepName, Phase>> = {
  admit: 'admit',
  stage: 'prepare',
  approve: 'confirm',
  recheck: 'prepare',
  'shut-gates': 'freeze',
  'capture-live': 'snapshot',
  'stop-tiers': 'stop',
  'capture-stopped': 'snapshot',
  'swap-in': 'restore',
  'start-tiers': 'start',
  'judge-inside': 'verify',
  'open-gates': 'thaw',
  'judge-front-door': 'thaw',
};

/** Forward, or taking it back. */
export type Direction = 'forward' | 'undo';

/**
 * `passed` alone goes on. `inconclusive`: the evidence is missing, stale or unreadable.
 * `foreign`: somebody else changed the platform under the run.
 */
export type Verdict = 'passed' | 'failed' | 'inconclusive' | 'foreign';

/** Why a step did not pass, where the step alone does not say it: people, their silence, or nobody there to ask. */
export type Cause = 'denied' | 'expired' | 'aborted' | 'unavailable';

/** What a step says when it ends. It never throws. */
export interface StepResult {
  readonly verdict: Verdict;
  /** One or two sentences: what was found against what was expected, on which targets, and whether anything was changed. */
  readonly reason: string;
  /** What to do next, when there is something to do. */
  readonly next?: string;
  readonly targets: readonly TargetNote[];
  readonly cause?: Cause;
  /** The engine answered that this run may change nothing there: another owner, a later fence, another engine. */
  readonly notOurs?: true;
  /** Of `open-gates`: no gate was told to open, in this round or an earlier one. The line was not crossed. */
  readonly unopened?: true;
  /** What the order told of decisions and messages is not in the journal: it goes with the next one too. */
  readonly unwritten?: true;
  /** A gate was up that was to stay shut: users may have written since the rows were counted. */
  readonly letIn?: true;
  /** Of a look that other steps rest on: when it was over, by its host's clock. */
  readonly seenAt?: string;
  /** What it rests on was seen too long ago: nothing was done in this step, and it is looked at again. */
  readonly stale?: true;
}
export interface TargetNote {
  readonly target: TargetId | string;
  readonly verdict: Verdict;
  /** `stopped in 1.2s`, `image sha256:12ab… expected, sha256:77fe… found`. */
  readonly note: string;
  /** What people are to hear of it though it passed: what somebody did to it. */
  readonly besides?: string;
  /** How long the step was at it, milliseconds; absent where it was not acted on by itself. */
  readonly ms?: number;
}

const WORST: readonly Verdict[] = ['failed', 'foreign', 'inconclusive', 'passed'];
/** The worst of several; of none it is inconclusive, for no data is never good news. */
export const worstOf = (verdicts: readonly Verdict[]): Verdict =>
  WORST.find(verdict => verdicts.includes(verdict)) ?? 'inconclusive';

/** Of what is told in a tail of a reason, the most. */
const TOLD = 5;

/** What is told of targets, as a tail of a step's reason: `; work: restarted … and 3 more`, or nothing. */
export function tailOf(told: readonly (readonly [target: string, what: string])[]): string {
  const first = told.slice(0, TOLD).map(([target, what]) => `; ${target}: ${what}`);
  return `${first.join('')}${told.length > TOLD ? ` and ${told.length - TOLD} more` : ''}`;
}

/** As `tailOf`: what people are to hear of targets that passed. */
export const besidesOf = (notes: readonly TargetNote[]): string =>
  tailOf(notes.flatMap(({ target, besides }) => (besides === undefined ? [] : [[target, besides] as const])));

/** The same, with a tail to its reason. */
export const withTail = (result: StepResult, tail: string): StepResult => ({
  ...result,
  reason: `${result.reason}${tail}`,
});

export const passed = (reason: string, targets: readonly TargetNote[] = []): StepResult => ({
  verdict: 'passed',
  reason,
  targets,
});
export const stoppedBy = (cause: Cause, reason: string): StepResult => ({ ...failed(reason), cause });
export const failed = (reason: string, next?: string): StepResult => ({
  verdict: 'failed',
  reason,
  targets: [],
  ...(next === undefined ? {} : { next }),
});
