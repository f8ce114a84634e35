import { Agent } from 'node:http';
import { inspect } from 'node:util';
import Docker from 'dockerode';
import { type Duration, formatDuration, seconds } from '../../plan/duration.ts';
import { DriverError } from '../errors.ts';
import { toDriverError } from './failures.ts';

/** One engine connection. Nothing else in this folder talks to an engine. */
export interface DockerClient {
  /** As the plan has it: `unix:///var/run/docker.sock`. */
  readonly address: string;
  /** Makes one engine call. `call` names it for people. @throws DriverError of every kind but corrupt */
  ask<T>(call: string, signal: AbortSignal, make: Make<T>, within?: Duration): Promise<T>;
  /** As `ask`, with nothing where the engine says that what is named is not there. */
  find<T>(call: string, signal: AbortSignal, make: Make<T>, within?: Duration): Promise<T | undefined>;
}
type Make<T> = (docker: Docker) => Promise<T>;

/** An engine that has not answered a simple call by then is taken for unavailable. */
export const CALL_WITHIN = seconds(20);

/**
 * Opens nothing yet: the first call dials. Connections are not kept, for one kept over an engine's restart fails the
 * next call in a way that does not tell whether the engine heard it.
 * @throws DriverError refused when `address` is not a unix socket
 */
export function connect(address: string): DockerClient {
  const path = /^unix:\/\/(\/.+)$/.exec(address)?.[1] ?? '';
  if (path === '')
    throw new DriverError('refused', `engine address ${JSON.stringify(address)}: expected unix:///path/to/docker.sock`);

  async function ask<T>(call: string, signal: AbortSignal, make: Make<T>, within: Duration = CALL_WITHIN): Promise<T> {
    const broken = (what: string) => new DriverError('unavailable', `engine ${address}: ${call}: ${what}`);
    if (signal.aborted) throw broken('cancelled, not asked');
    const either = AbortSignal.any([signal, AbortSignal.timeout(within)]);
    const agent = new PlainlyTold({ keepAlive: false });
    const over = Promise.withResolvers<never>();
    const giveUp = () =>
      over.reject(
        broken(signal.aborted ? 'cancelled before the engine answered' : `no answer within ${formatDuration(within)}`),
      );
    either.addEventListener('abort', giveUp, { once: true });
    try {
      return await Promise.race([over.promise, make(dockerAt(path, agent))]);
    } catch (failure) {
      if (either.aborted) return await over.promise;
      throw toDriverError({ address, call }, failure);
    } finally {
      either.removeEventListener('abort', giveUp);
      agent.destroy();
    }
  }

  const find: DockerClient['find'] = async (call, signal, make, within) => {
    try {
      return await ask(call, signal, make, within);
    } catch (failure) {
      if (failure instanceof DriverError && failure.kind === 'missing') return undefined;
      throw failure;
    }
  };
  return { address, ask, find };
}

/**
 * The library describes each call for its log, with all that hangs on its agent, whether anybody listens or not: a sixth
 * of what the worker computed in a rollback.
 */
class PlainlyTold extends Agent {
  [inspect.custom](): string {
    return 'Agent {}';
  }
}

/**
 * An agent a call, so that giving a call up closes its connection, whatever the library does with a signal. The library
 * would follow DOCKER_HOST of this process over the plan's address, unless it is told otherwise.
 */
const dockerAt = (socketPath: string, agent: Agent): Docker =>
  new Docker({ socketPath, agent, host: undefined, port: undefined, protocol: 'http', timeout: undefined } as object);
