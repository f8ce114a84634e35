import { CancellationScope } from '@temporalio/workflow';
import type { RollbackRequest } from '../plan/rollback-request.ts';
import { afterFailure } from '../policy/after-failure.ts';
import type { Answer } from '../policy/answers.ts';
import type { RunReport } from '../run/report.ts';
import type { StepName, StepResult } from '../run/step.ts';
import { startAftercare } from './aftercare-start.ts';
import { attempt, heldBack } from './attempt.ts';
import { closeAs } from './close.ts';
import { hold } from './hold.ts';
import { hear, listen } from './listen.ts';
import * as phase from './phases/index.ts';
import { type Row, Run } from './run.ts';
import { finishFor } from './take-over.ts';
import { tell } from './tell.ts';
import { putBackAsFound, standAsFound } from './unwind.ts';

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
const rowOf = (name: StepName): number => runbook.findIndex(([step]) => step === name);
/** Where traffic opens, and opens again after a hold: on a verification of then, not of hours ago. */
const BEFORE_THE_LINE = rowOf('judge-inside');
/** A step on the left rests on what that on the right saw: who comes to it late looks again. */
const RESTS_ON: Partial<Record<StepName, StepName>> = { 'shut-gates': 'recheck', 'open-gates': 'judge-inside' };

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
  let lookedAgain = false;
  for (let row = from; row < runbook.length; ) {
    const look = lookBefore(run, row);
    if ((await heldBack(run)) && look !== undefined) {
      run.beginRound();
      row = look;
    }
    const result = (await ready(run, row)) ?? (await attempt(run, runbook[row]!));
    if (result.verdict === 'passed') {
      if (RESTS_ON[runbook[row]![0]] !== undefined) lookedAgain = false;
      row += 1;
      continue;
    }
    const again = result.stale === true && !lookedAgain ? lookBefore(run, row) : undefined;
    if (again !== undefined) {
      lookedAgain = true;
      run.beginRound();
      row = again;
      continue;
    }
    switch (await answerTo(run, result)) {
      case 'retry':
        run.beginRound();
        row = whereToGoOn(run, row);
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

/** The row that looks at what this one rests on. Once frozen the platform is not compared with the approved one: this run changed it. */
function lookBefore(run: Run, row: number): number | undefined {
  const look = RESTS_ON[runbook[row]![0]];
  return look === undefined || (look === 'recheck' && run.touched) ? undefined : rowOf(look);
}

/** Past the line the hold shut the gates again. Where users were let in before, what they wrote is counted first. */
function whereToGoOn({ letIn }: Run, row: number): number {
  return Math.min(row, letIn && row <= rowOf('swap-in') ? rowOf('capture-live') : BEFORE_THE_LINE);
}

/** Rows are counted by stores that run, on the data that was found. @returns why they do not */
async function ready(run: Run, row: number): Promise<StepResult | undefined> {
  if (row !== rowOf('capture-live')) return undefined;
  const started = await standAsFound(run);
  return started.verdict === 'passed' ? undefined : started;
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
