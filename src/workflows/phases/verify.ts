import type { StepResult } from '../../run/step.ts';
import type { Run } from '../run.ts';
import { step } from '../send.ts';

/** With traffic still shut: digests, versions, restarts and probes over the plan's window; a change that is not ours is foreign. */
export const judgeInside = (run: Run): Promise<StepResult> => step(run, 'verify inside', 'judgeInside');

/** A revert is measured against what was found just before the freeze, not against the plan's probes: what looped may loop. */
export const judgeAsFound = (run: Run): Promise<StepResult> => step(run, 'verify as found', 'judgeAsFound');

/** What users see, now that they are let in. */
export const judgeFrontDoor = (run: Run): Promise<StepResult> => step(run, 'verify the front door', 'judgeFrontDoor');
