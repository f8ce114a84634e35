import type { RunId, TierName } from '../plan/ids.ts';
import type { RollbackRequest } from '../plan/rollback-request.ts';
import type { Loss, RunOutline } from '../plan/run-plan.ts';
import type { Answer } from '../policy/answers.ts';
import type { MessageKind } from '../policy/hearing.ts';
import type { SayingKind } from './saying.ts';
import type { Cause, Direction, StepName, StepResult } from './step.ts';

export type Outcome = 'completed' | 'reverted' | 'refused' | 'held';

/** Everything that can happen in a run. The reducer turns them into progress; the journal keeps them. */
export type RunEvent =
  | { readonly type: 'started'; readonly request: RollbackRequest; readonly run: string }
  /** `by`: the run that claimed the platform, which a run that Temporal reset is not. Absent in runs recorded before it was kept. */
  | { readonly type: 'admitted'; readonly outline: RunOutline; readonly by?: RunId }
  /** What the run that was taken over had begun. */
  | { readonly type: 'taken-over'; readonly begun: readonly StepName[] }
  | { readonly type: 'step-began'; readonly step: StepName; readonly direction: Direction; readonly round: number }
  /** `tier`: absent in runs recorded before it was kept. */
  | { readonly type: 'part-began'; readonly part: string; readonly tier?: TierName }
  | {
      readonly type: 'step-ended';
      readonly step: StepName;
      readonly direction: Direction;
      readonly round: number;
      readonly result: StepResult;
    }
  | {
      readonly type: 'past-target';
      readonly step: StepName;
      readonly direction: Direction;
      readonly target: number;
      readonly max: number;
    }
  | { readonly type: 'past-total'; readonly target: number; readonly max: number; readonly isMaximum: boolean }
  | { readonly type: 'losses-fixed'; readonly losses: readonly Loss[] }
  | { readonly type: 'traffic'; readonly traffic: Traffic }
  | { readonly type: 'awaiting'; readonly awaiting: Awaiting }
  | { readonly type: 'heard'; readonly message: Heard }
  | { readonly type: 'paused'; readonly by: string; readonly reason: string }
  | { readonly type: 'resumed'; readonly by: string }
  | { readonly type: 'reverting'; readonly reason: string }
  | { readonly type: 'held'; readonly reason: string; readonly notShut: readonly string[] }
  | { readonly type: 'answered'; readonly answer: Answer; readonly by: string; readonly reason: string }
  | { readonly type: 'told'; readonly telling: Telling }
  | { readonly type: 'left-behind'; readonly what: string }
  | { readonly type: 'closed'; readonly outcome: Outcome; readonly headline: string; readonly cause?: Cause };

/** `not-shut`: a gate could not be shut. `unknown`: it could not be observed. */
export type Traffic = 'open' | 'shut' | 'not-shut' | 'unknown';

/** For whom a run waits, until when, and what silence means. */
export interface Awaiting {
  readonly what: string;
  readonly whom: readonly string[];
  /** ISO 8601. Absent: without limit. */
  readonly until?: string;
  readonly silence: string;
  /** Commands that answer. */
  readonly how: readonly string[];
}

/** A message that reached the run, counted or not, with why. */
export interface Heard {
  readonly kind: MessageKind | 'unreadable';
  readonly by: string;
  readonly reason: string;
  readonly counted: boolean;
  readonly why: string;
}

export interface Telling {
  readonly channel: string;
  readonly level: number;
  readonly kind: SayingKind;
  readonly delivered: boolean;
  readonly why: string;
}

/** An event, numbered within its run and dated by the workflow's clock (ISO 8601). */
export interface NumberedEvent {
  readonly number: number;
  readonly at: string;
  readonly event: RunEvent;
}
