import { CancellationScope } from '@temporalio/workflow';
import type { RollbackRequest } from '../plan/rollback-request.ts';
import { afterFailure } from '../policy/after-failure.ts';
import type { Answer } from '../policy/answers.ts';
import type { RunReport } from '../run/report.ts';
import type { StepResult } from '../run/step.ts';
import { startAftercare } from './aftercare-start.ts';
import { attempt } from './attempt.ts';
import { closeAs } from './close.ts';
import { hold } from './hold.ts';
import { hear, listen } from './listen.ts';
import * as phase from './phases/index.ts';
import { type Row, Run } from './run.ts';
import { finishFor } from './take-over.ts';
import { tell } from './tell.ts';
import { putBackAsFound } from './unwind.ts';

/**
 * The runbook, top to bottom: the step, what it does, what takes it back. The undo is registered before its step acts.
 * Above `shut-gates` nothing live is touched. `open-gates` is the line: from there on users write, and nothing is undone unasked.
 */
const runbook: readonly Row[] = [
  ['admit', phase.admit],
  ['stage', phase.stageRelease, phase.dropStaged],
  ['approve', phase.awaitApprovals],
  ['recheck', phase.platformHasNotMoved],
  ['shut-gates', phase.shutGates], // no undo: a revert opens them when it has verified, and the plan lets it
  ['capture-live', phase.captureLive],
  ['stop-tiers', phase.stopTiersTopDown, phase.startTiersAsFound],
  ['capture-stopped', phase.captureStopped],
  ['swap-in', phase.swapIn, phase.swapBack],
  ['start-tiers', phase.startTiersBottomUp, phase.stopTiersAgain],
  ['judge-inside', phase.judgeInside],
  ['open-gates', phase.openGates],
  ['judge-front-door', phase.judgeFrontDoor],
];
/** Where traffic opens, and opens again after a hold: on a verification of then, not of hours ago. */
const BEFORE_THE_LINE = runbook.findIndex(([step]) => step === 'judge-inside');

/** Puts a platform back to a good release. Ends completed, reverted, refused or held; only `completed` is a success to Temporal. */
export async function rollback(request: RollbackRequest): Promise<RunReport> {
  const run = new Run(request);
  listen(run);
  CancellationScope.current().cancelRequested.catch(() =>
    hear(run, 'cancel', { by: 'temporal', reason: 'the workflow was cancelled' }),
  );
  return CancellationScope.nonCancellable(() =>
    request.takeOver === undefined ? follow(run) : finishFor(run, () => follow(run, BEFORE_THE_LINE), revert),
  );
}

/** Follows the runbook from one of its rows to the end. */
async function follow(run: Run, from = 0): Promise<RunReport> {
  for (let row = from; row < runbook.length; ) {
    const result = await attempt(run, runbook[row]!);
    if (result.verdict === 'passed') {
      row += 1;
      continue;
    }
    switch (await answerTo(run, result)) {
      case 'retry':
        run.beginRound();
        row = Math.min(row, BEFORE_THE_LINE); // past the line the hold shut the gates again
        continue;
      case 'revert':
        return revert(run, becauseOf(run, result));
      case 'handover':
        return closeAs(run, 'held', result);
    }
  }
  await startAftercare(run);
  return closeAs(run, 'completed');
}

/** What failed, and before it who wants the run back for good, where that was said while people were asked. */
function becauseOf(run: Run, failure: StepResult): StepResult {
  const stopped = run.stopped;
  if (stopped === undefined || failure.cause !== undefined) return failure;
  return { ...failure, ...stopped, reason: `${stopped.reason}; ${failure.reason}`, targets: failure.targets };
}

/** Policy answers where it may. Where it may not, the gates are shut, people are paged, and one of them answers. */
async function answerTo(run: Run, failure: StepResult): Promise<Answer> {
  const ruling = afterFailure({
    touched: run.touched,
    swapBegun: run.undos.some(undo => undo.step === 'swap-in'),
    hasOpened: run.hasOpened,
    aborted: run.abortDue,
    notOurs: failure.notOurs === true,
    verdict: failure.verdict === 'passed' ? 'failed' : failure.verdict,
    onFailure: run.outline?.onFailure ?? phase.NO_PLAN_YET,
  });
  return ruling.answer === 'ask' ? hold(run, failure) : 'revert';
}

/** Takes everything back, and asks people for as long as that fails. */
async function revert(run: Run, because: StepResult): Promise<RunReport> {
  run.undoing = true;
  run.note({ type: 'reverting', reason: because.reason });
  if (run.touched) tell(run, 'reverting', because.reason);
  for (;;) {
    const result = await putBackAsFound(run);
    if (result.verdict === 'passed') return closeAs(run, run.touched ? 'reverted' : 'refused', because);
    if ((await hold(run, result)) === 'handover') return closeAs(run, 'held', result);
    run.beginRound();
  }
}
