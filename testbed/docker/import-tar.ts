import type Docker from 'dockerode';

export interface HasClient {
  readonly client: Docker;
}

export async function isThere(engine: HasClient, tag: string): Promise<boolean> {
  try {
    await engine.client.getImage(tag).inspect();
    return true;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return false;
    throw error;
  }
}

/**
 * `docker import` of a tar of a root file system.
 * @param changes lines of a Dockerfile: `CMD …`, `ENV …`, `LABEL …`
 * @throws Error with what the engine said
 */
export async function importTar(
  engine: HasClient,
  tar: string,
  tag: string,
  changes: readonly string[],
): Promise<void> {
  const [repo, version] = tag.split(':') as [string, string];
  const stream = await engine.client.importImage(tar, { repo, tag: version, changes: [...changes] });
  await follow(engine, stream);
}

/** Reads the engine's progress to its end. The engine reports a failure there, behind a status of 200. */
export function follow(
  engine: HasClient,
  stream: NodeJS.ReadableStream,
  onLine: (line: string) => unknown = () => undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    engine.client.modem.followProgress(
      stream,
      (error: Error | null) => (error === null ? resolve() : reject(error)),
      (event: { stream?: string; error?: string }) => {
        if (event.error !== undefined) reject(new Error(event.error));
        else if (event.stream !== undefined) onLine(event.stream);
      },
    );
  });
}
