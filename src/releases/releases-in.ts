import type { PlatformName, ReleaseId } from '../plan/ids.ts';
import type { Entry } from './entry.ts';
import type { RecordedBody, ReleaseEntry } from './ledger.ts';

/** Pure: folds a platform's entries into its releases, newest first. Later evidence of good stands before earlier. */
export function releasesIn(entries: readonly Entry[]): readonly ReleaseEntry[] {
  const releases = new Map<ReleaseId, ReleaseEntry>();
  for (const { platform, id, at, fact } of entries) {
    const known = releases.get(id);
    if (fact.type === 'release') {
      const { origin, by, targets } = fact;
      const states = targets.map(one => one.state);
      releases.set(id, { platform, id, origin, by, recordedAt: at, targets: states, snapshots: [] });
    } else if (known !== undefined && fact.type === 'good') {
      releases.set(id, { ...known, good: fact.good });
    } else if (known !== undefined && fact.type === 'snapshot') {
      releases.set(id, { ...known, snapshots: [fact.snapshot, ...known.snapshots] });
    }
  }
  return [...releases.values()].reverse();
}

/** One release's place in the chain, and what it holds of each target. */
export function findRecord(entries: readonly Entry[], platform: PlatformName, id: ReleaseId) {
  for (const entry of entries) {
    if (entry.id === id && entry.platform === platform && entry.fact.type === 'release') {
      return { entry, origin: entry.fact.origin, targets: entry.fact.targets };
    }
  }
  return undefined;
}

/**
 * What makes two records of one id the same: bodies and states, in any order, less what moves by itself between two
 * looks at an unchanged platform (activity, restarts, label).
 */
export function contentOf(origin: string, targets: readonly RecordedBody[]): string {
  const parts = targets.map(({ state, body }) => {
    const { target, identity, version, settings, restartPolicy } = state;
    return canonical({ target, identity, version, settings, restartPolicy, body });
  });
  return JSON.stringify([origin, ...parts.sort()]);
}

/** JSON with its keys in order, as it reads after having been stored. */
function canonical(value: unknown): string {
  const ordered = (_key: string, inner: unknown): unknown =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner;
  return JSON.stringify(value, ordered);
}
