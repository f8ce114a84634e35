import { setTimeout as delay } from 'node:timers/promises';
import type { RunProgress } from '../../run/progress.ts';
import type { RunReport } from '../../run/report.ts';
import type { Reached } from '../connection.ts';
import type { PendingWork } from '../sight.ts';
import type { Started } from '../start-rollback.ts';
import type { Cli } from './cli.ts';
import { Display } from './display.ts';
import { loadRuns } from './session.ts';

/** How the waiting for a run ended. */
export type Followed =
  | { readonly how: 'closed'; readonly report: RunReport; readonly progress: RunProgress | undefined }
  /** It goes on: somebody left, the time was up, or it is held with nobody here to answer. */
  | { readonly how: 'left' | 'timed-out' | 'held'; readonly progress: RunProgress | undefined };

export interface FollowOptions {
  readonly timeoutMs?: number | undefined;
}

/** A run is asked this often while it moves, and this often while it waits. */
const MOVING_MS = 300;
const WAITING_MS = 1_000;

/** Whether a run has closed is asked this often; a run whose progress says so is asked at once. */
const CLOSED_EVERY_MS = 2_000;

/** Watches a run to its end, asking it a few times a second; never steers it. @throws Refusal left-behind | no-run */
export async function follow(cli: Cli, at: Reached, run: Started, options: FollowOptions = {}): Promise<Followed> {
  const { reportOf, Refusal } = await loadRuns();
  const leaving = interrupted();
  const display = new Display(cli);
  const until = options.timeoutMs === undefined ? undefined : Date.now() + options.timeoutMs;
  const looker = new Looker(at, run);
  let keep = true;
  try {
    for (;;) {
      if (leaving.signal.aborted) return { how: 'left', progress: looker.progress };
      if (until !== undefined && Date.now() >= until) return { how: 'timed-out', progress: looker.progress };
      try {
        const look = await looker.look();
        if (look.progress !== undefined) display.show(look.progress, look.pending);
        if (look.closed) {
          const report = await reportOf(at, run.platform, run.run);
          keep = false;
          return { how: 'closed', report, progress: looker.progress };
        }
        if (look.progress === undefined) display.silent({ who: 'worker', pending: look.pending ?? [] });
      } catch (error) {
        // A server that restarts is waited for: the run is safe with it.
        if (!(error instanceof Refusal && error.kind === 'unreachable')) throw error;
        display.silent({ who: 'server', pending: [] });
      }
      const { progress } = looker;
      if (progress !== undefined && waitsForNobodyHere(cli, progress)) return { how: 'held', progress };
      const moving = progress === undefined || ['running', 'reverting', 'closed'].includes(progress.state);
      await pause(moving ? MOVING_MS : WAITING_MS, leaving.signal);
    }
  } finally {
    leaving.over();
    display.end(keep);
  }
}

interface Look {
  readonly closed: boolean;
  readonly progress: RunProgress | undefined;
  /** Absent: the server was not asked in this look. */
  readonly pending?: readonly PendingWork[];
}

/** Asks the run, and the server where the run does not answer; keeps the last progress that was seen. */
class Looker {
  progress: RunProgress | undefined;
  private readonly at: Reached;
  private readonly run: Started;
  private closedAskedAt = 0;

  constructor(at: Reached, run: Started) {
    this.at = at;
    this.run = run;
  }

  /** @throws Refusal unreachable | left-behind */
  async look(): Promise<Look> {
    const { describeWithoutWorker, leftBehind, progressOf } = await loadRuns();
    const { platform, run } = this.run;
    const progress = await progressOf(this.at, platform, run);
    this.progress = progress ?? this.progress;
    const due = Date.now() - this.closedAskedAt > CLOSED_EVERY_MS;
    if (progress !== undefined && progress.state !== 'closed' && !due) return { closed: false, progress };
    const { found, pending } = await describeWithoutWorker(this.at, platform, run);
    this.closedAskedAt = Date.now();
    if (found.status === 'gone') throw leftBehind(found);
    return { closed: found.status === 'closed', progress, pending };
  }
}

/** Held without limit, and no terminal: whoever reads the exit code must fetch a person. */
const waitsForNobodyHere = (cli: Cli, progress: RunProgress): boolean =>
  progress.state === 'held' &&
  progress.awaiting !== undefined &&
  progress.awaiting.until === undefined &&
  !cli.attended;

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal }).catch(() => undefined);

/** Ctrl-C leaves; the run goes on. */
function interrupted(): { signal: AbortSignal; over(): void } {
  const leaving = new AbortController();
  const leave = (): void => leaving.abort();
  process.on('SIGINT', leave);
  process.on('SIGTERM', leave);
  return {
    signal: leaving.signal,
    over: () => {
      process.off('SIGINT', leave);
      process.off('SIGTERM', leave);
    },
  };
}
