import type { TargetState } from '../plan/run-plan.ts';
import { moved } from './compare.ts';

export interface GoodFacts {
  readonly recorded: readonly TargetState[];
  readonly live: readonly TargetState[];
  /** Milliseconds since the epoch. */
  readonly recordedAt: number;
  readonly now: number;
  readonly soak: number;
  /** The most restarts that are no loop. */
  readonly restarts: number;
  /** Probes that did not pass, each with its reason, and how many were asked. */
  readonly bad: readonly string[];
  readonly probes: number;
}

export type GoodVerdict =
  | { readonly verdict: 'good' | 'not-good'; readonly reason: string }
  | { readonly verdict: 'wait'; readonly waitMs: number; readonly reason: string };

/** Pure: deployed (what was recorded is what runs, the very same objects), probed, and soaked. No probe at all proves nothing. */
export function judgeGood(f: GoodFacts): GoodVerdict {
  const changed = f.recorded.flatMap(was => {
    const now = f.live.find(state => state.target === was.target);
    if (now === undefined) return [`${was.target}: gone`];
    // What was recorded at rest may rest; what ran and no longer does was not still for its soak.
    return [...moved(was, now), ...stateDiffers(was, now)].map(text => `${was.target}: ${text}`);
  });
  if (changed.length > 0) return notGood(`what runs is not what was recorded: ${changed.slice(0, 3).join('; ')}`);
  const restarting = f.live.filter(state => (state.restarts ?? 0) > f.restarts);
  if (restarting.length > 0)
    return notGood(
      `${restarting.map(state => `${state.target} restarted ${state.restarts} times`).join(', ')}; ${f.restarts} are allowed`,
    );
  if (f.probes === 0) return notGood('the plan asks no probe, so nothing proves it');
  if (f.bad.length > 0)
    return notGood(`${f.probes - f.bad.length} of ${f.probes} probes pass: ${f.bad.slice(0, 3).join('; ')}`);
  const soaked = f.now - f.recordedAt;
  const arithmetic = `soaked ${Math.floor(soaked / 1000)} of ${Math.ceil(f.soak / 1000)} s, ${f.probes} of ${f.probes} probes pass, no restarts over ${f.restarts}`;
  return soaked < f.soak
    ? { verdict: 'wait', waitMs: f.soak - soaked, reason: arithmetic }
    : { verdict: 'good', reason: arithmetic };
}

const stateDiffers = (was: TargetState, now: TargetState): string[] =>
  was.activity === now.activity ? [] : [`state: expected ${was.activity}, found ${now.activity}`];

const notGood = (reason: string): GoodVerdict => ({ verdict: 'not-good', reason });
