import { ApplicationFailure, allHandlersFinished, condition } from '@temporalio/workflow';
import type { RunClosed } from '../activities/contract.ts';
import { minutes, seconds } from '../plan/duration.ts';
import type { Outcome } from '../run/events.ts';
import { leftOpen } from '../run/left-open.ts';
import { type RunReport, reportOf } from '../run/report.ts';
import { failed, type StepResult } from '../run/step.ts';
import { watchAgain } from './aftercare-start.ts';
import type { Run } from './run.ts';
import { engine, send } from './send.ts';
import { tell } from './tell.ts';

/** How long the end of a run waits for messages that are still being told. */
const LAST_WORDS = seconds(30);
/** How long the engine's lock and journal are tried to be closed before the report says that they are not … */
const CLOSING = seconds(60);
/** … and how long a worker that is away is waited for: a host that boots must not leave the platform locked. */
const ABSENT = minutes(60);
/** A run that was never admitted has seldom claimed anything: neither is waited for. */
const CLOSING_NOTHING = seconds(10);

/**
 * Ends the run: report and journal are written, the lock is given back unless a person takes over.
 * @throws ApplicationFailure of the outcome's name, with the report in its details, for every outcome but `completed`
 */
export async function closeAs(run: Run, outcome: Outcome, because?: StepResult): Promise<RunReport> {
  if (outcome === 'held' && run.tookTheWatch)
    run.note({
      type: 'left-behind',
      what: "the earlier run's watch: what undo kept is dropped once this run was taken over",
    });
  const cause = because?.cause === undefined ? {} : { cause: because.cause };
  run.note({ type: 'closed', outcome, headline: headlineOf(run, outcome, because), ...cause });
  run.index();
  // People need not wait for a worker that is away; what it then could not do they are told too.
  tell(run, 'closed');
  const { lost, unsettled } = await closeOnEngine(run, outcome);
  if (unsettled !== undefined) await watchAgain(run, unsettled);
  if (lost !== '') {
    run.note({ type: 'left-behind', what: lost });
    tell(run, 'closed');
  }
  await condition(() => run.tellings.size === 0, LAST_WORDS, { summary: 'last messages' });
  await condition(allHandlersFinished);
  const report = reportOf(run.progress);
  if (outcome === 'completed') return report;
  throw ApplicationFailure.create({ type: outcome, message: report.headline, nonRetryable: true, details: [report] });
}

async function closeOnEngine(run: Run, outcome: Outcome): Promise<RunClosed> {
  // Without a plan no engine was ever asked for anything.
  if (run.host === undefined) return { lost: '' };
  const isAdmitted = run.outline !== undefined;
  run.deadline = Date.now() + (isAdmitted ? CLOSING : CLOSING_NOTHING);
  const sent = {
    platform: run.request.platform,
    host: run.host,
    outcome,
    report: reportOf(run.progress),
    records: run.records(),
    release: outcome !== 'held',
    until: run.deadline,
    grace: CLOSING_NOTHING,
    ...(run.request.takeOver === undefined ? {} : { onBehalfOf: run.request.takeOver }),
  };
  return send<RunClosed>(
    run,
    sent,
    () => engine(run, `close as ${outcome}`, isAdmitted ? ABSENT : CLOSING_NOTHING).closeRun(sent),
    leftOpen,
  );
}

function headlineOf(run: Run, outcome: Outcome, because: StepResult = failed('')): string {
  const release = run.outline?.release ?? 'the last good release';
  switch (outcome) {
    case 'completed':
      return `completed: every target is at ${release}`;
    case 'reverted':
      return `reverted: the platform is as it was just before the freeze. ${because.reason}`;
    case 'refused':
      // What another run that holds the platform, or left it, has done to it is not for this one to say.
      return `refused, ${because.notOurs || run.request.takeOver !== undefined ? 'this run touched nothing' : 'nothing was touched'}: ${because.reason}`;
    case 'held':
      return `held, handed over to a person: ${because.reason}`;
  }
}
