import { outgoingName, type RunId, shortRun, stagedName } from '../../plan/ids.ts';
import type { ContainerTarget } from '../../plan/plan.ts';
import type { TargetState } from '../../plan/run-plan.ts';
import type { Evidence, Look } from '../contract.ts';
import { formatPolicy } from './activity.ts';
import type { DockerClient } from './client.ts';
import { findContainer, type Inspection } from './inspection.ts';
import type { Lenders } from './lenders.ts';
import { isMadeBy } from './own.ts';
import { isUp } from './stopping.ts';

const failed = (reason: string): Evidence => ({ verdict: 'failed', reason });

export interface StagedAs {
  readonly of: RunId;
  readonly release: TargetState;
  /** The fingerprint of a container's settings, as it would be once everything staged has its live name. */
  settingsOf(staged: Inspection): Promise<string>;
}

/** Whether what a run staged is there, was never started, and is the release's by image and settings. */
export async function checkStaged(
  client: DockerClient,
  target: ContainerTarget,
  { of, release, settingsOf }: StagedAs,
  look: Look,
): Promise<Evidence> {
  const name = stagedName(target.container, of);
  const staged = await findContainer(client, name, look);
  if (staged === undefined) return failed(`staged container ${name} is gone: somebody removed or renamed it`);
  if (!isMadeBy(staged, target, of)) return failed(`${name} is not the container that run ${shortRun(of)} staged`);
  if (staged.State.Status !== 'created')
    return failed(`staged container ${name} was started by somebody: it is ${staged.State.Status}`);
  if (staged.Image !== release.version) return failed(`staged container ${name} is of another image`);
  const policy = formatPolicy(staged.HostConfig.RestartPolicy);
  if (policy !== 'no') return failed(`staged container ${name} was given restart policy ${policy} by somebody`);
  if ((await settingsOf(staged)) !== release.settings)
    return failed(`staged container ${name} has not the release's settings: somebody changed it, or its image is gone`);
  return { verdict: 'passed', reason: `${name} is as it was staged` };
}

/** Whether somebody started what a run staged. */
export async function isStagedUp(client: DockerClient, target: ContainerTarget, of: RunId, look: Look) {
  const staged = await findContainer(client, stagedName(target.container, of), look);
  return staged !== undefined && isUp(staged);
}

/**
 * Whether what a run keeps for its undo is in nobody's way: one that runs answers beside the release under the same
 * aliases, and one with a restart policy of its own would do so after the engine's next start.
 * `inconclusive`: it is gone, and what was recorded of it is left.
 */
export async function checkKept(
  client: DockerClient,
  target: ContainerTarget,
  of: RunId,
  look: Look,
): Promise<Evidence> {
  const name = outgoingName(target.container, of);
  const kept = await findContainer(client, name, look);
  if (kept === undefined) return { verdict: 'inconclusive', reason: `${name} is gone, its record is left` };
  if (isUp(kept)) return failed(`${name}, which was stopped and set aside, was started by somebody`);
  const policy = formatPolicy(kept.HostConfig.RestartPolicy);
  if (policy !== 'no') return failed(`${name}, which was set aside, was given restart policy ${policy} by somebody`);
  return { verdict: 'passed', reason: `${name} is kept` };
}

/** What was staged refers to what was staged: by the names that those will have. */
export const underLiveNames = (lenders: Lenders, of: RunId): Lenders =>
  new Map([...lenders].map(([id, lender]) => [id, { ...lender, name: liveNameOf(lender.name, of) }]));

function liveNameOf(name: string, of: RunId): string {
  const tail = stagedName('', of);
  return name.endsWith(tail) ? name.slice(0, -tail.length) : name;
}
