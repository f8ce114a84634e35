import type { Phase } from '../plan/plan.ts';
import type { Awaiting, Outcome, Traffic } from './events.ts';
import type { StepName } from './step.ts';

/** What people are told of a run: facts only. The words are made where they are sent (`notify/`), so they never bind a replay. */
export type Saying = { readonly about: SayingAbout } & (
  | {
      readonly kind: 'past-target';
      readonly phase: Phase;
      readonly step: StepName;
      readonly part: string;
      readonly targetMs: number;
      readonly maxMs: number;
    }
  | { readonly kind: 'awaiting'; readonly hash: string; readonly awaiting: Awaiting }
  /** Nobody answered in time; the next level is asked. */
  | { readonly kind: 'still-awaiting'; readonly hash: string; readonly reason: string; readonly level: number }
  | { readonly kind: 'reverting'; readonly step: StepName; readonly failure: string }
  | {
      readonly kind: 'held';
      readonly level: number;
      readonly step: StepName;
      readonly failure: string;
      /** Gates that could not be shut: the first line names them. */
      readonly notShut: readonly string[];
      readonly awaiting?: Awaiting;
    }
  | { readonly kind: 'closed'; readonly outcome: Outcome; readonly headline: string }
  /** Aftercare: what is worse than the baseline. */
  | { readonly kind: 'worse'; readonly reason: string }
);

export interface SayingAbout {
  readonly platform: string;
  readonly run: string;
  readonly release: string;
  readonly requester: string;
  readonly reason: string;
  /** Whether anything of the live platform was touched. */
  readonly touched: boolean;
  readonly traffic: Traffic;
}
