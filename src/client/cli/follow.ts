import { setTimeout as delay } from 'node:timers/promises';
import type { RunProgress } from '../../run/progress.ts';
import type { RunReport } from '../../run/report.ts';
import type { Reached } from '../connection.ts';
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

/** Watches a run to its end, asking it a few times a second; never steers it. @throws Refusal left-behind | unreachable */
export async function follow(cli: Cli, at: Reached, run: Started, options: FollowOptions = {}): Promise<Followed> {
  const { reportOf, progressOf, describeWithoutWorker } = await loadRuns();
  const leaving = interrupted();
  const display = new Display(cli);
  const until = options.timeoutMs === undefined ? undefined : Date.now() + options.timeoutMs;
  let closed = false;
  const ending = at.client.workflow
    .getHandle(run.workflowId, run.run)
    .result()
    .then(
      () => undefined,
      () => undefined,
    )
    .then(() => {
      closed = true;
    });
  let progress: RunProgress | undefined;
  let keep = true;
  try {
    for (;;) {
      if (leaving.signal.aborted) return { how: 'left', progress };
      if (until !== undefined && Date.now() >= until) return { how: 'timed-out', progress };
      const seen = await progressOf(at, run.platform, run.run);
      if (closed) {
        keep = false;
        return { how: 'closed', report: await reportOf(at, run.platform, run.run), progress: seen ?? progress };
      }
      progress = seen ?? progress;
      if (seen !== undefined) display.show(seen);
      else display.silent((await describeWithoutWorker(at, run.platform, run.run)).pending);
      if (progress !== undefined && waitsForNobodyHere(cli, progress)) return { how: 'held', progress };
      const moving = progress === undefined || ['running', 'reverting'].includes(progress.state);
      await Promise.race([ending, pause(moving ? MOVING_MS : WAITING_MS, leaving.signal)]);
    }
  } finally {
    leaving.over();
    display.end(keep);
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
