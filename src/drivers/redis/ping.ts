import { Redis } from 'ioredis';
import { attempt, causeOf, failed, inconclusive, passed } from '../attempt.ts';
import type { Evidence, Look } from '../contract.ts';

/** Answers that say "not yet" or "cannot tell", and not "no". */
const NOT_YET = /^(LOADING|BUSY|TRYAGAIN|CLUSTERDOWN)\b/;

/** One PING on a connection of its own, never connecting anew. `allowed` in milliseconds. */
export async function pingRedis(host: string, port: number, allowed: number, look: Look): Promise<Evidence> {
  const { signal, within, noAnswer } = attempt(look, allowed);
  const redis = new Redis({
    host,
    port,
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    enableReadyCheck: false,
    enableOfflineQueue: false,
    disableClientInfo: true,
    protocol: 2,
    connectTimeout: within,
  });
  // Each failure also reaches the call that met it; without a listener it would be printed.
  let cause: unknown;
  redis.on('error', error => (cause ??= error));
  const stopped = new Promise<never>((_resolve, reject) => {
    const stop = (): void => reject(new Error('stopped'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    const answer = await Promise.race([redis.connect().then(() => redis.ping()), stopped]);
    return answer === 'PONG' ? passed('PONG') : failed(`PONG expected, ${JSON.stringify(answer).slice(0, 80)} found`);
  } catch (error) {
    const { name, message } = error as Error;
    if (name !== 'ReplyError') return noAnswer(`no readable answer (${causeOf(cause ?? error)})`);
    const said = message.slice(0, 120);
    return NOT_YET.test(message)
      ? inconclusive(`PONG expected, ${said} found`)
      : failed(`PONG expected, ${said} found`);
  } finally {
    redis.disconnect();
  }
}
