import type Docker from 'dockerode';
import { GiveUp, poll } from '../process/poll.ts';

/** @throws Error with the engine's message */
export async function startContainer(engine: Docker, name: string): Promise<void> {
  // Another engine that starts on this machine takes the chains of the packet filter away for a moment.
  await poll({ what: `${name} to start`, deadlineMs: 15_000, everyMs: 200 }, () =>
    engine
      .getContainer(name)
      .start()
      .then(
        () => true,
        (error: Error & { statusCode?: number }) => {
          if (error.statusCode === 304) return true;
          throw error.message.includes('iptables failed') ? error : new GiveUp(error.message, { cause: error });
        },
      ),
  );
}

/** One that is between two restarts of a loop is stopped as well as one that runs. */
export async function stopContainer(engine: Docker, name: string): Promise<void> {
  await engine
    .getContainer(name)
    .stop({ t: 10 })
    .catch((error: { statusCode?: number }) => {
      if (error.statusCode !== 304) throw error;
    });
}
