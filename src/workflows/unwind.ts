import type { StepResult } from '../run/step.ts';
import { failed, passed } from '../run/step.ts';
import { inStep } from './attempt.ts';
import { ensureShut } from './phases/freeze.ts';
import * as phase from './phases/index.ts';
import type { Run, Undo } from './run.ts';

/**
 * Takes back what was done, last in first out; then verifies that the platform is as it was found, and only then
 * lets traffic in again. What was staged is dropped last: it is in nobody's way.
 */
export async function putBackAsFound(run: Run): Promise<StepResult> {
  const unwound = await standAsFound(run);
  if (unwound.verdict !== 'passed') return unwound;
  if (run.touched && run.progress.thawedAt === undefined) {
    const judged = await inStep(run, 'judge-inside', 'undo', phase.judgeAsFound);
    if (judged.verdict !== 'passed') return judged;
    if (run.outline?.afterRevert === 'open') {
      const opened = await inStep(run, 'shut-gates', 'undo', phase.openGatesAsFound);
      if (opened.verdict !== 'passed') return opened;
    } else {
      // A gate that could not be shut at the freeze, and is why this is undone, must not stay open unsaid.
      const { notShut } = await ensureShut(run);
      if (notShut.length > 0) return failed(`traffic is to stay shut, and ${notShut.join(', ')} could not be shut`);
    }
  }
  const dropped = await unwind(run, () => true);
  if (dropped.verdict !== 'passed') run.note({ type: 'left-behind', what: `what was staged: ${dropped.reason}` });
  return passed('everything is as it was found');
}

/** Takes back all that users would see, behind shut gates: what was swapped, and what was stopped. */
export const standAsFound = (run: Run): Promise<StepResult> => unwind(run, undo => undo.step !== 'stage');

/** Stops at the first undo that fails, which stays on the stack: a retry begins with it. */
async function unwind(run: Run, wanted: (undo: Undo) => boolean): Promise<StepResult> {
  for (let undo = run.undos.at(-1); undo !== undefined && wanted(undo); undo = run.undos.at(-1)) {
    const result = await inStep(run, undo.step, 'undo', undo.takeBack);
    if (result.verdict !== 'passed') return result;
    run.undos.pop();
  }
  return passed('nothing is left to take back');
}
