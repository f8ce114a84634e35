import type { StepResult } from '../../run/step.ts';
import type { Run } from '../run.ts';
import { eachTier, tiersOf } from './stop.ts';

/** Starts the tiers from the bottom up; a tier's probes agree before the tier above starts. */
export const startTiersBottomUp = (run: Run): Promise<StepResult> => eachTier(run, 'start', 'startTier', tiersOf(run));

/** Takes the start back: everything is stopped again, from the top down. */
export const stopTiersAgain = (run: Run): Promise<StepResult> =>
  eachTier(run, 'stop again', 'stopTier', tiersOf(run).toReversed());
