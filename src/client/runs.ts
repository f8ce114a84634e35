/** What a script needs to start, follow and steer rollbacks. The command line is made of nothing else. */
export { type AftercareSeen, aftercareOf } from './aftercare-of.ts';
export { connect, type Reached } from './connection.ts';
export { type FoundRun, findRun, openRuns } from './find-run.ts';
export { type Poller, pollersOf, requirePoller } from './pollers.ts';
export { record } from './record.ts';
export { Refusal, type RefusalKind } from './refusal.ts';
export { leftBehind, reportOf } from './report-of.ts';
export { type Sent, send } from './send.ts';
export { describeWithoutWorker, type PendingWork, progressOf, type SilentRun } from './sight.ts';
export { requireNoOpenRun, type Started, startRollback } from './start-rollback.ts';
export { survey } from './survey.ts';
