import { setTimeout as pause } from 'node:timers/promises';
import { formatDuration } from '../plan/duration.ts';
import type { TargetState } from '../plan/run-plan.ts';
import { startedAnew } from '../policy/compare.ts';
import type { StepResult } from '../run/step.ts';
import { judgeRows } from './rows.ts';
import type { Session } from './session.ts';

/** How often the platform is looked at while it must hold still. */
const SAMPLE_MS = 1_000;
/** What is looked at and probed once the window is over takes no longer, mostly. */
const AFTER_MS = 10_000;

/** What was seen over the plan's window. */
export interface WindowSeen {
  /** The last look, judged; the first that did not pass ended the window. */
  readonly seen: StepResult;
  readonly live: readonly TargetState[];
  /** Counted beside it. */
  readonly rows: ReturnType<typeof judgeRows>;
  readonly samples: number;
}

type States = readonly TargetState[];

/**
 * Looks again and again while nothing may move. One that is restarted meanwhile has the window begin anew, once, where
 * the phase has the time; else it did not stay up as long as the plan wants, and nobody can say that it does.
 */
export async function watchWindow(
  s: Session,
  look: () => Promise<States>,
  judge: (live: States, before?: States) => StepResult,
): Promise<WindowSeen> {
  const { window } = s.plan.verify;
  let end = Date.now() + window;
  let rows = countMeanwhile(s);
  let live = await look();
  let before = live;
  let seen = judge(live);
  let samples = 1;
  let isBegunAnew = false;
  while (seen.verdict === 'passed' && Date.now() < end) {
    await pause(Math.min(SAMPLE_MS, Math.max(1, end - Date.now())));
    // A window that was cut short is none.
    s.look.signal.throwIfAborted();
    live = await look();
    seen = judge(live, before);
    samples += 1;
    if (seen.verdict !== 'passed' || !isRestarted(before, live)) continue;
    if (isBegunAnew || Date.now() + window + AFTER_MS > s.order.until) {
      seen = {
        ...seen,
        verdict: 'inconclusive',
        reason: `it did not stay up over its window of ${formatDuration(window)}`,
      };
      continue;
    }
    isBegunAnew = true;
    end = Date.now() + window;
    before = live;
    rows = countMeanwhile(s);
  }
  return { seen, live, rows, samples };
}

/** Whoever waits for it hears how it failed. */
function countMeanwhile(s: Session): WindowSeen['rows'] {
  const counting = judgeRows(s);
  counting.catch(() => undefined);
  return counting;
}

const isRestarted = (before: States, now: States): boolean =>
  now.some(state => before.some(was => was.target === state.target && startedAnew(was, state).length > 0));
