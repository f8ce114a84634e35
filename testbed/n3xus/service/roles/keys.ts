import { createHash } from 'node:crypto';
import { getEnv, type MakeRole } from '../role.ts';

/** Names the signing key; never shows it. */
export const keys: MakeRole = async () => {
  const id = createHash('sha256').update(getEnv('SIGNING_KEY')).digest('hex').slice(0, 12);
  return {
    routes: {
      'GET /keys/health': async () => ({ status: 200, body: { status: 'ok', keys: 1 } }),
      'GET /keys/current': async () => ({ status: 200, body: { id } }),
    },
  };
};
