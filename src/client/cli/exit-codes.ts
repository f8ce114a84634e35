import type { RunReport } from '../../run/report.ts';
import type { RefusalKind } from '../refusal.ts';

/** What a script may rely on. 5, 6 and 7 tell `nothing was changed` from `as before` from `a person is needed`. */
export const EXIT = {
  done: 0,
  unexpected: 1,
  usage: 2,
  changes: 3,
  unreachable: 4,
  refused: 5,
  compensated: 6,
  held: 7,
  goesOn: 8,
  denied: 9,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The table as `--help` and the documentation print it. */
export const EXIT_CODES: readonly (readonly [ExitCode, string])[] = [
  [0, 'done and verified'],
  [1, 'an unexpected error'],
  [2, 'wrong usage, or an invalid plan'],
  [3, 'the plan has changes (only with --detailed-exitcode)'],
  [4, 'cannot reach it or not allowed: no server, no worker, engine down'],
  [5, 'refused, nothing was changed'],
  [6, 'failed and compensated: the platform is as before'],
  [7, 'held: a person is needed'],
  [8, 'the waiting ended (--timeout, Ctrl-C), the run goes on'],
  [9, 'denied, or the approval expired: nothing was changed'],
];

const OF_REFUSAL: Readonly<Record<RefusalKind, ExitCode>> = {
  unreachable: EXIT.unreachable,
  'not-allowed': EXIT.unreachable,
  'no-worker': EXIT.unreachable,
  'already-open': EXIT.refused,
  'no-run': EXIT.refused,
  refused: EXIT.refused,
  'left-behind': EXIT.held,
  usage: EXIT.usage,
};
export const exitCodeOfRefusal = (kind: RefusalKind): ExitCode => OF_REFUSAL[kind];

/** Of a run that is over; of an open one that its waiting ended. */
export function exitCodeOfReport(report: Pick<RunReport, 'outcome' | 'cause'>): ExitCode {
  switch (report.outcome) {
    case 'completed':
      return EXIT.done;
    case 'reverted':
      return EXIT.compensated;
    case 'held':
      return EXIT.held;
    case 'open':
      return EXIT.goesOn;
    case 'refused':
      return exitCodeOfRefused(report.cause);
  }
}

function exitCodeOfRefused(cause: RunReport['cause']): ExitCode {
  if (cause === 'unavailable') return EXIT.unreachable;
  return cause === 'denied' || cause === 'expired' ? EXIT.denied : EXIT.refused;
}
