import type { Call } from '../contract.ts';
import type { Tally } from '../tally.ts';
import { formatPolicy, parsePolicy } from './activity.ts';
import type { DockerClient } from './client.ts';
import { getContainer } from './inspection.ts';

/** Of one call that a container's own end can fail. */
const TRIES = 5;

/** Gives the container of this id the restart policy `wanted` (`no`, `always`, `on-failure:3`). One effect. */
export async function givePolicy(
  client: DockerClient,
  of: { readonly id: string; readonly name: string },
  wanted: string,
  tally: Tally,
  call: Call,
): Promise<void> {
  await tally.effect({
    name: wanted === 'no' ? 'policy-aside' : 'policy-back',
    isDone: async () => {
      const now = await getContainer(client, of.id, call);
      return formatPolicy(now.HostConfig.RestartPolicy) === wanted || undefined;
    },
    act: async signal => {
      const set = () =>
        client.ask(`set restart policy of ${of.name} to ${wanted}`, signal, docker =>
          docker.getContainer(of.id).update({ RestartPolicy: parsePolicy(wanted) } as object),
        );
      // One that loops may end under the engine's hands, which fails the call: between two of its lives it takes.
      for (let tries = 1; ; tries += 1) {
        const failure = await set().then(
          () => undefined,
          (error: unknown) => error,
        );
        if (failure === undefined) return;
        if (tries === TRIES || !/cannot update container/i.test(String(failure))) throw failure;
      }
    },
  });
}
