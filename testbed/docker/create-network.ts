import type Docker from 'dockerode';
import { GiveUp, poll } from '../process/poll.ts';

/**
 * Makes a network. Another engine that starts on this machine takes the chains of the packet filter away for a moment;
 * an engine that needs them just then fails, and is asked again.
 * @throws Error with the engine's message for any other failure
 */
export const createNetwork = (engine: Docker, options: Docker.NetworkCreateOptions): Promise<Docker.Network> =>
  poll({ what: `network ${options.Name} to be made`, deadlineMs: 15_000, everyMs: 200 }, () =>
    engine.createNetwork(options).catch((error: Error) => {
      throw error.message.includes('iptables') ? error : new GiveUp(error.message, { cause: error });
    }),
  );
