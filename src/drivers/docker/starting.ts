import type { Activity, TargetState } from '../../plan/run-plan.ts';
import type { Call, Changed } from '../contract.ts';
import { tally } from '../tally.ts';
import type { DockerClient } from './client.ts';
import { getContainer, nameOf } from './inspection.ts';
import { getSame } from './own.ts';
import { givePolicy } from './policy.ts';
import { isUp } from './stopping.ts';

const STAYS_DOWN: readonly Activity[] = ['exited', 'created', 'none'];

/**
 * Starts a container and gives it the restart policy that `as` had; one that was not running stays down, with
 * its own policy, for that is how it was. Returns when the engine has started it: whether it then lives is for verification to say.
 * @throws missing | refused | unavailable, as the engine answers (a port that is taken, a network that is gone)
 */
export async function startContainer(
  client: DockerClient,
  container: string,
  call: Call,
  as: TargetState,
  only?: string,
): Promise<Changed> {
  const found = await getSame(client, container, only, call);
  const of = { id: found.Id, name: nameOf(found) };
  const policy = as.restartPolicy ?? 'no';
  const effects = tally(call);
  if (STAYS_DOWN.includes(as.activity)) {
    await givePolicy(client, of, policy, effects, call);
    return effects.report(`left down (${as.activity})`, `left down (${as.activity})`);
  }
  // One that loops has ended again before a policy could reach it.
  if (as.activity === 'looping') await givePolicy(client, of, policy, effects, call);
  const before = found.State.StartedAt;
  await effects.effect({
    name: 'start',
    isDone: async () => {
      const now = await getContainer(client, of.id, call);
      return isUp(now) || now.State.StartedAt !== before || undefined;
    },
    act: async signal => {
      await client.ask(`start ${of.name}`, signal, docker => docker.getContainer(of.id).start());
    },
    // What ended by itself was started all the same; and an engine that died and came back has ended what had no policy yet.
    mark: async () => (await getContainer(client, of.id, call)).State.StartedAt,
  });
  call.progress({ current: of.name });
  if (as.activity !== 'looping') await givePolicy(client, of, policy, effects, call);
  if (as.activity === 'paused') await pause(client, of, effects, call);
  return effects.report('started', 'already running');
}

const pause = (
  client: DockerClient,
  of: { readonly id: string; readonly name: string },
  effects: ReturnType<typeof tally>,
  call: Call,
) =>
  effects.effect({
    name: 'pause',
    isDone: async () => ((await getContainer(client, of.id, call)).State.Paused ? true : undefined),
    act: async signal => {
      await client.ask(`pause ${of.name}`, signal, docker => docker.getContainer(of.id).pause());
    },
  });
