import type { TargetState } from '../plan/run-plan.ts';

/**
 * Pure: containers that are gone once they are stopped, each with what to do; empty when all can be started again. A run
 * stops its gates, and what it does not change, too.
 */
export const vanishingFaults = (states: readonly Pick<TargetState, 'target' | 'removedOnceStopped'>[]): string[] =>
  states
    .filter(({ removedOnceStopped }) => removedOnceStopped)
    .map(
      ({ target }) =>
        `${target}: its container is removed as soon as it stops (--rm), so that there would be no way back: create it without --rm, and record the release again`,
    );
