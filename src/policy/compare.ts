import type { TargetState } from '../plan/run-plan.ts';

/** Pure: how two looks at one target differ, each as `what: expected …, found …`; empty when they are the same target at the same release. */
export function differences(
  expected: Pick<TargetState, 'version' | 'settings' | 'restartPolicy'>,
  found: TargetState,
): string[] {
  return [
    ...differs('version', expected.version, found.version),
    ...differs('settings', expected.settings, found.settings),
    ...differs('restart policy', expected.restartPolicy ?? '', found.restartPolicy ?? ''),
  ];
}

/** Pure: as `differences`, and it must be the very same object: a re-created one was changed by somebody. */
export function moved(expected: TargetState, found: TargetState): string[] {
  return [...differs('identity', expected.identity, found.identity), ...differences(expected, found)];
}

/** Pure: whether a revert reached what was found: what looped may loop or be down between two starts. */
export function differsFromFound(before: TargetState, now: TargetState): string[] {
  const alike = before.activity === now.activity || (before.activity === 'looping' && now.activity !== 'paused');
  return [...differences(before, now), ...(alike ? [] : differs('state', before.activity, now.activity))];
}

/**
 * Pure: that the very same object was started anew, by a person or by an engine that came back; nothing when it was not, or nobody knows.
 * One that its engine starts again because it ends is counted by `restarts`.
 */
export function startedAnew(before: Pick<TargetState, 'identity' | 'started'>, now: TargetState): string[] {
  if (before.started === undefined || now.started === undefined || before.identity !== now.identity) return [];
  if (before.started === now.started || (now.restarts ?? 0) > 0) return [];
  return [`restarted, and not by this run: started at ${now.started}, expected ${before.started}`];
}

const differs = (what: string, expected: string, found: string): string[] =>
  expected === found ? [] : [`${what}: expected ${short(expected)}, found ${short(found)}`];

const short = (text: string): string => (text === '' ? 'none' : text.length > 30 ? `${text.slice(0, 27)}…` : text);
