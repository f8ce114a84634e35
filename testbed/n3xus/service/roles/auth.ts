import { type Answer, ask } from '../http.ts';
import { getEnv, type MakeRole } from '../role.ts';

/** Checks bearer tokens, asking the key service whether the key still stands. */
export const auth: MakeRole = async ({ faults, metrics }) => {
  const tokens = new Set(getEnv('AUTH_TOKENS').split(','));
  const counts = { health: 0, verify: 0 };
  // Every fourth answer of each route, so that the rate is the same however few are counted and whatever is asked between.
  const broken = (route: keyof typeof counts): Answer | undefined => {
    counts[route] += 1;
    if (!faults.has('auth-errors') || counts[route] % 4 !== 0) return undefined;
    metrics.add('auth_errors_total', 1);
    return counts[route] % 8 === 0
      ? { status: 401, body: { error: 'token refused' } }
      : { status: 503, body: { error: 'token store unavailable' } };
  };
  return {
    routes: {
      'GET /auth/health': async () => broken('health') ?? { status: 200, body: { status: 'ok', tokens: tokens.size } },
      'POST /auth/verify': async ({ bearer }) => {
        const fault = broken('verify');
        if (fault !== undefined) return fault;
        if (bearer === undefined || !tokens.has(bearer)) return { status: 401, body: { error: 'unknown token' } };
        const key = await ask('pv-keys', { path: '/keys/current' });
        if (key.status !== 200) return { status: 503, body: { error: 'no key service' }, servedBy: key.servedBy };
        return { status: 200, body: { active: true, tenant: 'nexus' }, servedBy: key.servedBy };
      },
    },
  };
};
