import type { RunReport } from '../run/report.ts';
import { failed, type StepName, type StepResult } from '../run/step.ts';
import { inStep } from './attempt.ts';
import { closeAs } from './close.ts';
import { takeOverAdmission, UNDO_OF } from './phases/take-over.ts';
import type { Run } from './run.ts';

type Thaw = () => Promise<RunReport>;
type Revert = (run: Run, because: StepResult) => Promise<RunReport>;

/**
 * A run whose workflow is gone left its journal and its lock. The lock is claimed with a higher fence; before the
 * line its work is taken back, from the line on its traffic is opened and judged, as that run would have done.
 */
export async function finishFor(run: Run, thaw: Thaw, revert: Revert): Promise<RunReport> {
  let begun: readonly StepName[] = [];
  const admitted = await inStep(run, 'admit', 'forward', async () => {
    const taken = await takeOverAdmission(run);
    begun = taken.begun;
    return taken.result;
  });
  if (admitted.verdict !== 'passed') return closeAs(run, 'refused', admitted);
  if (begun.includes('open-gates')) return thaw();
  for (const step of begun) {
    const takeBack = UNDO_OF[step];
    if (takeBack !== undefined) run.undos.push({ step, takeBack });
  }
  const why =
    begun.length === 0 ? admitted.reason : `run ${run.request.takeOver} was left unfinished and is taken back`;
  return revert(run, failed(why));
}
