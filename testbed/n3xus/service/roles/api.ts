import { READS } from '../directory.ts';
import { type Answer, type Asked, ask } from '../http.ts';
import { getEnv, type MakeRole } from '../role.ts';

/** The front API: reads that cross the branches, and the charge. */
export const api: MakeRole = async () => {
  const { Redis } = await import('ioredis');
  const redis = new Redis({
    host: getEnv('REDIS_HOST'),
    lazyConnect: true,
    maxRetriesPerRequest: 1,
    commandTimeout: 1500,
    retryStrategy: tries => Math.min(100 * tries, 1000),
  });
  redis.on('error', () => undefined);
  const count = (name: string) => redis.hincrby('hits', name, 1).catch(() => undefined);

  const read = (path: string, services: readonly string[]) => async (): Promise<Answer> => {
    const [below] = await Promise.all([
      Promise.all(services.map(service => ask(service, { path: '/work' }))),
      count(path),
    ]);
    const lost = below.find(answer => answer.status !== 200);
    return {
      status: lost === undefined ? 200 : 502,
      body: lost?.body ?? { path, items: below.map(answer => answer.body) },
      servedBy: below.flatMap(answer => answer.servedBy),
    };
  };
  return {
    routes: {
      ...Object.fromEntries(Object.entries(READS).map(([path, services]) => [`GET ${path}`, read(path, services)])),
      'POST /api/charge': charge,
    },
    health: async () => ({ ok: (await redis.ping().catch(() => 'lost')) === 'PONG' }),
    close: async () => redis.disconnect(),
  };
};

/** `{ id, wallet, amount }`. Acknowledged once the ledger and the wallet both hold it; the same id again changes nothing. */
async function charge({ bearer, json }: Asked): Promise<Answer> {
  const order = (await json()) as { id?: string; wallet?: string; amount?: number };
  const verified = await ask('auth-service', { method: 'POST', path: '/auth/verify', bearer });
  if (verified.status !== 200) return { ...verified, status: verified.status === 401 ? 401 : 503 };
  const booked = await ask('ledger-mgr', { method: 'POST', path: '/ledger/charge', body: order });
  const servedBy = [...verified.servedBy, ...booked.servedBy];
  if (booked.status !== 200) return { ...booked, servedBy };
  const paid = await ask('wallet-ms', { method: 'POST', path: '/wallet/debit', body: booked.body as object });
  const all = [...servedBy, ...paid.servedBy];
  return paid.status === 200 ? { status: 200, body: booked.body, servedBy: all } : { ...paid, servedBy: all };
}
