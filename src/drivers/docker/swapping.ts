import type { ContainerTarget } from '../../plan/plan.ts';
import type { Call, Changed } from '../contract.ts';
import { DriverError } from '../errors.ts';
import { type Tally, tally } from '../tally.ts';
import type { DockerClient } from './client.ts';
import { findContainer, type Inspection, nameOf, shortId } from './inspection.ts';
import { gone, isMadeBy, isRemadeBy, madeAgain, mustBeGone, namesOf, standing, taken } from './own.ts';
import { removeContainer } from './staging.ts';
import { isUp } from './stopping.ts';

/** Live -> outgoing, staged -> live: two renames by id, each its own effect. Both containers are down. */
export async function swapContainerIn(client: DockerClient, target: ContainerTarget, call: Call): Promise<Changed> {
  const names = namesOf(target, call.run);
  const { made, replaces, live, outgoing } = await standing(client, target, call);
  if (made === undefined || replaces === undefined) throw gone(names.staged, 'which this run staged');
  if (outgoing !== undefined && outgoing.Id !== replaces)
    throw taken(names.outgoing, outgoing, 'not the one to set aside');
  if (live !== undefined && live.Id !== replaces && live.Id !== made.Id) throw madeAgain(names.live, live, replaces);
  if (live === undefined && outgoing === undefined)
    throw gone(names.live, 'which was live when the release was staged');
  if (live?.Id === replaces) mustBeDown(live);
  if (nameOf(made) === names.staged) mustBeUnused(made, names.staged);
  const effects = tally(call);
  await rename(client, replaces, { effect: 'rename-outgoing', from: names.live, to: names.outgoing }, effects, call);
  await rename(client, made.Id, { effect: 'rename-staged', from: names.staged, to: names.live }, effects, call);
  return effects.report(`${names.live} is the release's; the outgoing one is ${names.outgoing}`, 'already swapped in');
}

/**
 * The mirror. Safe when nothing, or half of it, was swapped; without the release's container, too. When the one to put
 * back has vanished, the release's is taken out all the same: the name stays free, and `remakeContainer` comes next.
 * @param was the id of the one that was found
 */
export async function swapContainerBack(
  client: DockerClient,
  target: ContainerTarget,
  call: Call,
  was?: string,
): Promise<Changed> {
  const names = namesOf(target, call.run);
  const { made, replaces = was, live, outgoing } = await standing(client, target, call);
  const effects = tally(call);
  if (outgoing !== undefined && replaces !== undefined && outgoing.Id !== replaces)
    throw taken(names.outgoing, outgoing, 'not the one set aside');
  if (outgoing === undefined && (live?.Id === replaces || replaces === undefined || isRemadeBy(live, call.run)))
    return effects.report('', 'was not swapped');
  if (live !== undefined && live.Id !== made?.Id) throw madeAgain(names.live, live, made?.Id ?? replaces ?? '');
  if (outgoing === undefined && replaces !== undefined) await mustBeGone(client, names.outgoing, replaces, call);
  if (live !== undefined) mustBeDown(live);
  if (made !== undefined)
    await rename(client, made.Id, { effect: 'rename-release', from: names.live, to: names.staged }, effects, call);
  if (outgoing === undefined) return effects.report(`${names.outgoing} is gone`, `${names.outgoing} is gone`);
  await rename(client, outgoing.Id, { effect: 'rename-found', from: names.outgoing, to: names.live }, effects, call);
  return effects.report(`${names.live} is the one that was found`, 'already swapped back');
}

/** Removes the container that undo kept, and never its volumes. */
export async function settleContainer(client: DockerClient, target: ContainerTarget, call: Call): Promise<Changed> {
  const names = namesOf(target, call.run);
  const { outgoing, live, replaces } = await standing(client, target, call);
  const effects = tally(call);
  if (outgoing === undefined) return effects.report('', 'nothing was kept');
  if (live === undefined) throw gone(names.live, `so ${names.outgoing} is the only one left and is kept`);
  if (isMadeBy(live, target, call.run) && replaces !== outgoing.Id)
    throw taken(names.outgoing, outgoing, 'not the one that this run set aside');
  mustBeDown(outgoing);
  await removeContainer(client, { id: outgoing.Id, name: names.outgoing }, effects, call);
  return effects.report(`removed ${names.outgoing}`, 'nothing was kept');
}

/** One rename of one container, known by its id: whoever has the name meanwhile is not touched. */
async function rename(
  client: DockerClient,
  id: string,
  how: { readonly effect: string; readonly from: string; readonly to: string },
  effects: Tally,
  call: Call,
): Promise<void> {
  await effects.effect({
    name: how.effect,
    isDone: async () => {
      const found = await findContainer(client, id, call);
      if (found === undefined) throw gone(how.from, `(${shortId(id)})`);
      const name = nameOf(found);
      if (name === how.to) return true;
      if (name !== how.from)
        throw new DriverError('conflict', `container ${shortId(id)} is now ${name}: expected ${how.from}`, {
          next: `docker rename ${name} ${how.from}`,
          foreign: true,
        });
      return undefined;
    },
    act: async signal => {
      await client.ask(`rename ${how.from} to ${how.to}`, signal, docker =>
        docker.getContainer(id).rename({ name: how.to }),
      );
    },
  });
  call.progress({ current: how.to });
}

function mustBeDown(found: Inspection): void {
  if (isUp(found))
    throw new DriverError('refused', `container ${nameOf(found)} is running: it is swapped only once it is stopped`, {
      next: `Somebody started it since it was stopped: docker stop ${nameOf(found)}, then retry.`,
      foreign: true,
    });
}

/** What was staged was never started: one that was may have written, and is no longer what was staged. */
function mustBeUnused(staged: Inspection, name: string): void {
  if (staged.State.Status === 'created') return;
  throw new DriverError(
    'conflict',
    `staged container ${name} was started by somebody (it is ${staged.State.Status}): expected it never started; it was not swapped in`,
    { next: `Stop ${name} if it runs; a new run stages a new one.`, foreign: true },
  );
}
