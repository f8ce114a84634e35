import type { StepResult } from '../../run/step.ts';
import type { Run } from '../run.ts';
import { step } from '../send.ts';

/** The commit: each target is swapped by rename, the outgoing object is kept beside it. */
export const swapIn = (run: Run): Promise<StepResult> =>
  step(run, `swap in ${run.outline?.release} · ${run.outline?.swapped.length} targets`, 'swapIn', {
    targets: run.outline!.swapped,
  });

export const swapBack = (run: Run): Promise<StepResult> =>
  step(run, `swap back · ${run.outline?.swapped.length} targets`, 'swapBack', { targets: run.outline!.swapped });
