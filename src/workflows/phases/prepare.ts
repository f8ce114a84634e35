import type { StepResult } from '../../run/step.ts';
import { handOverAftercare } from '../aftercare-start.ts';
import type { Run } from '../run.ts';
import { step } from '../send.ts';

/** All that is slow or likely to fail, beside the live platform: images, staged containers, unpacked snapshots. */
export const stageRelease = (run: Run): Promise<StepResult> =>
  step(run, `stage ${run.outline?.release} · ${run.outline?.swapped.length} targets`, 'stageRelease', {
    targets: run.outline!.swapped,
  });

export const dropStaged = (run: Run): Promise<StepResult> =>
  step(run, 'drop what was staged', 'dropStaged', { targets: run.outline!.swapped });

/** Observes again: a live state that is no longer the approved one refuses the run. What is found now is what a revert restores. */
export async function platformHasNotMoved(run: Run): Promise<StepResult> {
  const result = await step(run, 'compare the platform with the approved state', 'recheckPlatform');
  // Not before: a run that is refused here leaves the earlier one's watch as it was.
  if (result.verdict === 'passed') await handOverAftercare(run);
  return result;
}
