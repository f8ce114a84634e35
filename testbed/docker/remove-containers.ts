import type Docker from 'dockerode';
import { poll } from '../process/poll.ts';

/**
 * With force, one after another: Docker 20.10 locks up for good when containers leave a network side by side at the wrong
 * moment (moby/moby#46661). None starts anew for want of what went before it, and one that ends by itself just then, which
 * the engine refuses to kill, is asked for again.
 * @param more.v whether their anonymous volumes go with them
 */
export async function removeContainers(
  engine: Docker,
  containers: readonly { readonly Id: string }[],
  more: { readonly v: boolean } = { v: true },
): Promise<void> {
  const each = containers.map(({ Id }) => engine.getContainer(Id));
  await Promise.allSettled(each.map(container => container.update({ RestartPolicy: { Name: 'no' } })));
  for (const container of each)
    await poll({ what: `container ${container.id} to be removed`, deadlineMs: 30_000 }, async () => {
      await container.remove({ force: true, ...more }).catch(unlessGone);
      return true;
    });
}

function unlessGone(error: { statusCode?: number }): void {
  if (error.statusCode !== 404) throw error;
}
