import type Docker from 'dockerode';
import type { Activity } from '../../plan/run-plan.ts';
import type { Inspection } from './inspection.ts';

/** A container that was started again by its engine and has not stood this long since is taken to be looping. */
const LOOPS_WITHIN_MS = 10_000;

/** @param now milliseconds of the engine's own clock, or of a machine that keeps the same time */
export function activityOf({ State, RestartCount }: Inspection, now: number): Activity {
  if (State.Restarting) return 'looping';
  if (State.Paused) return 'paused';
  if (State.Running)
    return RestartCount > 0 && now - Date.parse(State.StartedAt) < LOOPS_WITHIN_MS ? 'looping' : 'running';
  return State.Status === 'created' ? 'created' : 'exited';
}

/** `no`, `always`, `unless-stopped`, `on-failure` or `on-failure:3`. */
export function formatPolicy(policy: Docker.HostRestartPolicy | undefined): string {
  const name = policy?.Name || 'no';
  const count = policy?.MaximumRetryCount ?? 0;
  return name === 'on-failure' && count > 0 ? `${name}:${count}` : name;
}

export function parsePolicy(text: string): Required<Docker.HostRestartPolicy> {
  const [name = 'no', count = '0'] = text.split(':');
  return { Name: name, MaximumRetryCount: Number(count) };
}
