import type { RunProgress } from './progress.ts';

/** What people are told of a run: facts only. The words are made where they are sent (`notify/`), so they never bind a replay. */
export interface Saying {
  readonly kind: SayingKind;
  /** As it stood when it was said, shortened by `forTelling`. */
  readonly progress: RunProgress;
  /** Of the ladder; 0 is no escalation. */
  readonly level: number;
  readonly levels: number;
  /** How long this level has to acknowledge, milliseconds. */
  readonly within: number;
  /** Why it is said, where progress does not say it. */
  readonly reason: string;
}

export type SayingKind =
  | 'awaiting'
  /** Nobody answered in time; the next level is asked. */
  | 'still-awaiting'
  | 'past-target'
  /** The whole run has taken longer than its total. */
  | 'past-total'
  | 'reverting'
  | 'held'
  | 'closed'
  /** Aftercare: what is worse than the baseline. */
  | 'worse'
  /** Aftercare: why what undo kept is still there. */
  | 'kept';

/** Steps that a message may speak of; the rest is in the report. */
const LAST_STEPS = 4;

/** Progress without what no message says, so that a ladder climbed for hours stays small in the history. */
export function forTelling(p: RunProgress): RunProgress {
  const steps = p.steps.slice(-LAST_STEPS).map(step =>
    step.result === undefined
      ? step
      : {
          ...step,
          result: {
            ...step.result,
            targets: step.result.targets.filter(note => note.verdict !== 'passed').slice(0, 20),
          },
        },
  );
  return { ...p, steps, heard: p.heard.slice(-3), told: [] };
}
