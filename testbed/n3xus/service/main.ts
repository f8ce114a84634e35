import { readFileSync } from 'node:fs';
import { getService, type Role } from './directory.ts';
import { watchFaults } from './faults.ts';
import { type Answer, type Asked, ask, createFront } from './http.ts';
import { createMetrics } from './metrics.ts';
import { getEnv, type MakeRole, type RoleParts } from './role.ts';

/**
 * One service of the platform, which one the environment says: SERVICE.
 * The version is the image's own, so that no setting can claim another.
 */
const ROLES: Partial<Record<Role, () => Promise<MakeRole>>> = {
  api: async () => (await import('./roles/api.ts')).api,
  auth: async () => (await import('./roles/auth.ts')).auth,
  keys: async () => (await import('./roles/keys.ts')).keys,
  ledger: async () => (await import('./roles/ledger.ts')).ledger,
  wallet: async () => (await import('./roles/wallet.ts')).wallet,
};

const me = getService(getEnv('SERVICE'));
const tenant = getEnv('TENANT');
const faults = watchFaults(me.name);
const release = JSON.parse(readFileSync(new URL('./release.json', import.meta.url), 'utf8')) as { version: string };
const version = () => (faults.has('wrong-version') ? 'v0' : release.version);
const metrics = createMetrics(me.name, version);

const die = () => {
  if (faults.has('no-start')) process.exit(1);
  if (faults.has('restart-loop')) setTimeout(() => process.exit(1), 700);
};
die();
faults.onChange(die);

const makeRole = await ROLES[me.role]?.();
const parts: RoleParts = (await makeRole?.({ service: me.name, version, faults, metrics })) ?? { routes: {} };

const routes: RoleParts['routes'] = {
  'GET /health': async () => {
    const { ok, ...more } = (await parts.health?.()) ?? { ok: true };
    const status = ok ? 'ok' : 'degraded';
    return { status: ok ? 200 : 503, body: { status, service: me.name, version: version(), tenant, ...more } };
  },
  'GET /version': async () => ({ status: 200, body: { service: me.name, version: version() } }),
  'GET /metrics': async () => ({ status: 200, body: metrics.text() }),
  'GET /work': work,
  ...parts.routes,
};

/** Asks the services below for theirs, so that one answer names all that took part. */
async function work(): Promise<Answer> {
  const below = await Promise.all(me.calls.map(name => ask(name, { path: '/work' })));
  const lost = below.find(answer => answer.status !== 200);
  return {
    status: lost === undefined ? 200 : 502,
    body: lost?.body ?? { service: me.name, version: version() },
    servedBy: below.flatMap(answer => answer.servedBy),
  };
}

async function handle(asked: Asked): Promise<Answer> {
  if (faults.has('slow')) await new Promise(resolve => setTimeout(resolve, 800));
  const route = routes[`${asked.method} ${asked.path}`];
  return route === undefined ? { status: 404, body: { error: `no ${asked.method} ${asked.path}` } } : route(asked);
}

const server = createFront(handle, (answer, seconds) => {
  metrics.answered(answer.status, seconds);
  return [`${me.name}@${version()}`, ...(answer.servedBy ?? [])].join(',');
});
if (faults.has('no-listen')) setInterval(() => undefined, 60_000);
else server.listen(me.port, () => console.log(JSON.stringify({ service: me.name, version: version(), port: me.port })));

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.on(signal, () => {
    if (faults.has('ignore-term')) return;
    // What is under way is answered; then the stores are let go.
    server.close(() => {
      Promise.resolve(parts.close?.()).finally(() => process.exit(0));
    });
    server.closeIdleConnections();
    setTimeout(() => process.exit(0), 3000).unref();
  });
