import type Docker from 'dockerode';

/**
 * With force, one after another: Docker 20.10 locks up for good when containers leave a network side by side at the wrong
 * moment (moby/moby#46661). @param more.v whether their anonymous volumes go with them
 */
export async function removeContainers(
  engine: Docker,
  containers: readonly { readonly Id: string }[],
  more: { readonly v: boolean } = { v: true },
): Promise<void> {
  for (const { Id } of containers)
    await engine
      .getContainer(Id)
      .remove({ force: true, ...more })
      .catch(unlessGone);
}

/** Gone, or about to go by another hand. */
function unlessGone(error: { statusCode?: number }): void {
  if (error.statusCode !== 404 && error.statusCode !== 409) throw error;
}
