import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { type Duration, formatDuration, ofMilliseconds } from '../../plan/duration.ts';
import type { Call, Changed } from '../contract.ts';
import { DriverError } from '../errors.ts';
import { tally } from '../tally.ts';
import type { DockerClient } from './client.ts';
import { getContainer, type Inspection, nameOf } from './inspection.ts';
import { getSame } from './own.ts';
import { givePolicy } from './policy.ts';

export interface StopOrder {
  readonly container: string;
  /** Absent: the container's own. */
  readonly signal?: string;
  readonly grace: Duration;
  /** Whether it may be killed once its grace is over. */
  readonly hard: boolean;
  /** The id that it must have: whoever else has the name is not touched. */
  readonly only?: string | undefined;
}

/** How long a killed process may take to be gone: the kernel's business, yet a disk that hangs can hold it. */
const KILLED_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 500;

/**
 * Stops a container so that it stays stopped: its restart policy is set to `no` first.
 * @throws missing | refused when it did not stop in its grace and may not be killed, or would be gone once stopped
 */
export async function stopContainer(client: DockerClient, order: StopOrder, call: Call): Promise<Changed> {
  const found = await getSame(client, order.container, order.only, call);
  const of = { id: found.Id, name: nameOf(found) };
  mustOutliveItsStop(found);
  const began = performance.now();
  const effects = tally(call);
  await givePolicy(client, of, 'no', effects, call);
  if (found.State.Paused) await unpause(client, of, effects, call);

  const isDown = async () => (isUp(await getContainer(client, of.id, call)) ? undefined : true);
  try {
    await effects.effect({
      name: 'stop',
      isDone: isDown,
      act: async signal => {
        await send(client, of, await stopSignal(client, of.id, order, call), signal);
        if (await waitUntilDown(client, of, order.grace, call)) return;
        throw new StillUp(
          `container ${of.name} did not stop in ${formatDuration(order.grace)}, and may not be killed`,
          `Look at what holds it: docker logs ${of.name}; then retry, or stop it by hand.`,
        );
      },
    });
  } catch (failure) {
    if (!(failure instanceof StillUp && order.hard)) throw failure;
    await effects.effect({
      name: 'kill',
      isDone: isDown,
      act: async signal => {
        await send(client, of, 'SIGKILL', signal);
        if (await waitUntilDown(client, of, KILLED_WITHIN_MS, call)) return;
        throw new DriverError('refused', `container ${of.name} was killed and is still there after 10s`, {
          next: 'See whether its process hangs in the kernel (state D) on a disk or a mount.',
        });
      },
    });
    return { changed: true, note: `killed after ${formatDuration(order.grace)}` };
  }
  return effects.report(`stopped in ${formatDuration(performance.now() - began)}`, 'already stopped');
}

/** @throws refused of one that its engine removes once it is down */
export function mustOutliveItsStop(found: Inspection): void {
  if (!found.HostConfig.AutoRemove) return;
  const name = nameOf(found);
  throw new DriverError(
    'refused',
    `container ${name} is removed as soon as it stops (--rm): there would be no way back`,
    {
      next: `Create ${name} without --rm, and record the release again.`,
    },
  );
}

/** Past its grace: what the verb, not its caller, may answer with a kill. */
class StillUp extends DriverError {
  constructor(message: string, next: string) {
    super('refused', message, { next });
  }
}

interface Named {
  readonly id: string;
  readonly name: string;
}

export const isUp = ({ State }: Inspection): boolean => State.Running || State.Restarting;

/** One that waits for its next start has no process; only its own stop signal ends that waiting. */
async function stopSignal(client: DockerClient, id: string, order: StopOrder, call: Call): Promise<string> {
  const now = await getContainer(client, id, call);
  const own = (now.Config as { StopSignal?: string }).StopSignal || 'SIGTERM';
  return now.State.Restarting ? own : (order.signal ?? own);
}

async function send(client: DockerClient, of: Named, signalName: string, signal: AbortSignal): Promise<void> {
  try {
    await client.ask(`send ${signalName} to ${of.name}`, signal, docker =>
      docker.getContainer(of.id).kill({ signal: signalName }),
    );
  } catch (failure) {
    // It went down by itself in between: that is what was wanted.
    if (!(failure instanceof DriverError && failure.kind === 'conflict')) throw failure;
  }
}

const unpause = (client: DockerClient, of: Named, effects: ReturnType<typeof tally>, call: Call) =>
  effects.effect({
    name: 'unpause',
    isDone: async () => ((await getContainer(client, of.id, call)).State.Paused ? undefined : true),
    act: async signal => {
      await client.ask(`unpause ${of.name}`, signal, docker => docker.getContainer(of.id).unpause());
    },
  });

/**
 * Whether it went down in time. Each look at the engine is progress. A cancellation does not cut it short: what was told
 * to stop goes on stopping, and whoever starts it again must find it down.
 */
async function waitUntilDown(client: DockerClient, of: Named, within: number, call: Call) {
  const { signal } = new AbortController();
  const leave = new AbortController();
  const until = performance.now() + within;
  const longest = ofMilliseconds(within + LOOK_EVERY_MS);
  // The engine tells at once; looking as well bears an engine that is restarted meanwhile, and keeps the attempt alive.
  let told: Promise<unknown> | undefined = client
    .ask(`wait for ${of.name}`, AbortSignal.any([signal, leave.signal]), wait(of.id), longest)
    .catch(() => undefined);
  try {
    for (;;) {
      const pause = sleep(Math.min(LOOK_EVERY_MS, until - performance.now()), 'looked', { signal }).catch(
        () => undefined,
      );
      if ((await Promise.race([pause, ...(told === undefined ? [] : [told])])) !== 'looked') told = undefined;
      if (!isUp(await getContainer(client, of.id, { signal }))) return true;
      call.progress({ current: of.name });
      if (performance.now() >= until) return false;
    }
  } finally {
    leave.abort();
  }
}

const wait = (id: string) => (docker: Docker) => docker.getContainer(id).wait();
