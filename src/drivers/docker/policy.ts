import type { Call } from '../contract.ts';
import { formatPolicy, parsePolicy } from './activity.ts';
import type { DockerClient } from './client.ts';
import { getContainer } from './inspection.ts';
import type { Tally } from './tally.ts';

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
      await client.ask(`set restart policy of ${of.name} to ${wanted}`, signal, docker =>
        docker.getContainer(of.id).update({ RestartPolicy: parsePolicy(wanted) } as object),
      );
    },
  });
}
