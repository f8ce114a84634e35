import { type Answer, ask } from '../http.ts';
import { getEnv, type MakeRole } from '../role.ts';

/** Checks bearer tokens, asking the key service whether the key still stands. */
export const auth: MakeRole = async ({ faults, metrics }) => {
  const tokens = new Set(getEnv('AUTH_TOKENS').split(','));
  let asked = 0;
  // Every fourth answer, so that the rate is the same however few are counted.
  const broken = (): Answer | undefined => {
    asked += 1;
    if (!faults.has('auth-errors') || asked % 4 !== 0) return undefined;
    metrics.add('auth_errors_total', 1);
    return asked % 8 === 0
      ? { status: 401, body: { error: 'token refused' } }
      : { status: 503, body: { error: 'token store unavailable' } };
  };
  return {
    routes: {
      'GET /auth/health': async () => broken() ?? { status: 200, body: { status: 'ok', tokens: tokens.size } },
      'POST /auth/verify': async ({ bearer }) => {
        const fault = broken();
        if (fault !== undefined) return fault;
        if (bearer === undefined || !tokens.has(bearer)) return { status: 401, body: { error: 'unknown token' } };
        const key = await ask('pv-keys', { path: '/keys/current' });
        if (key.status !== 200) return { status: 503, body: { error: 'no key service' }, servedBy: key.servedBy };
        return { status: 200, body: { active: true, tenant: 'nexus' }, servedBy: key.servedBy };
      },
    },
  };
};
