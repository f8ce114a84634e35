import type { ReleaseId } from '../plan/ids.ts';
import type { TargetState } from '../plan/run-plan.ts';
import { differences } from './compare.ts';

/** A release as far as choosing goes: structurally a ledger entry. */
export interface Candidate {
  readonly id: ReleaseId;
  readonly origin: 'record' | 'run';
  readonly recordedAt: string;
  readonly targets: readonly TargetState[];
  readonly good?: unknown;
}

export type Choice<C> =
  | { readonly release: C; readonly reason: string }
  | { readonly refused: string; readonly next: string };

export interface ChoiceFacts<C> {
  readonly platform: string;
  readonly asked: ReleaseId | undefined;
  readonly newestFirst: readonly C[];
  readonly now: readonly TargetState[];
  /** Data is put back too, so that a release that runs already is still something to go back to. */
  readonly restores: boolean;
}

/**
 * Pure: the release that was asked for, or the newest good one that is not what runs now. Never "the previous one".
 * What a run found (`before:<run>`) may be gone back to by name without ever having been good.
 */
export function chooseRelease<C extends Candidate>(f: ChoiceFacts<C>): Choice<C> {
  const { platform, asked, newestFirst, now, restores } = f;
  if (asked !== undefined) return byName(f, asked);
  const good = newestFirst.filter(candidate => candidate.good !== undefined);
  if (good.length === 0) {
    return {
      refused: `no good release is recorded (${newestFirst.length} recorded, none has earned it)`,
      next: `lastgood release record ${platform}, then lastgood release good ${platform}`,
    };
  }
  const other = good.find(candidate => restores || !runsNow(candidate, now));
  if (other === undefined)
    return {
      refused: `the last good release ${good[0]?.id} is what runs already: there is nothing to do`,
      next: `lastgood release list ${platform}`,
    };
  return { release: other, reason: `the newest good release that does not run now, of ${good.length} good` };
}

function byName<C extends Candidate>(
  { platform, newestFirst, now, restores }: ChoiceFacts<C>,
  asked: ReleaseId,
): Choice<C> {
  const release = newestFirst.find(candidate => candidate.id === asked);
  const next = `lastgood release list ${platform}`;
  if (release === undefined) return { refused: `release ${asked} is not recorded`, next };
  if (release.good === undefined && release.origin === 'record')
    return {
      refused: `release ${asked} has not earned good`,
      next: `lastgood release good ${platform} ${asked}`,
    };
  if (!restores && runsNow(release, now))
    return { refused: `release ${asked} is what runs already: there is nothing to do`, next };
  return { release, reason: 'asked for by name' };
}

const runsNow = (candidate: Candidate, now: readonly TargetState[]): boolean =>
  candidate.targets.every(target => {
    const live = now.find(state => state.target === target.target);
    return live !== undefined && differences(target, live).length === 0;
  });
