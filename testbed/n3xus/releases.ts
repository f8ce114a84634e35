import type { ServiceEntry } from './service/directory.ts';

export const RELEASES = ['v1', 'v2'] as const;
export type Release = (typeof RELEASES)[number];

/** Every secret of the platform has this in it, so that one search finds any that leaked. */
export const CANARY = 'canary-4f1d7c';
export const PG_PASSWORD = `${CANARY}-postgres`;
export const PROBE_TOKEN = `${CANARY}-probe-token`;
export const CLIENT_TOKEN = `${CANARY}-client-token`;

/** What differs from one release to the next beside the image. */
const SETTINGS: Readonly<Record<Release, { env: readonly string[]; memory: number; retries: number }>> = {
  v1: { env: ['LOG_LEVEL=info', 'PRICING=classic'], memory: 160, retries: 3 },
  v2: { env: ['LOG_LEVEL=warn', 'PRICING=dynamic', 'FEATURES=loyalty,bundles'], memory: 192, retries: 5 },
};

/** The environment of one service in one release. `faults` as `parseFaults` reads them; empty leaves them out. */
export function serviceEnv(service: ServiceEntry, release: Release, faults: string): string[] {
  return [
    `SERVICE=${service.name}`,
    'TENANT=nexus',
    `SESSION_SECRET=${CANARY}-session`,
    'NEXUS_FAULT_FILE=/etc/nexus/control/faults',
    ...SETTINGS[release].env,
    ...roleEnv(service),
    ...(faults === '' ? [] : [`NEXUS_FAULT=${faults}`]),
  ];
}

/** MiB. */
export const memoryLimit = (release: Release): number => SETTINGS[release].memory;
export const healthRetries = (release: Release): number => SETTINGS[release].retries;

function roleEnv({ role, name }: ServiceEntry): string[] {
  switch (role) {
    case 'api':
      return ['REDIS_HOST=redis'];
    case 'auth':
      return [`AUTH_TOKENS=${PROBE_TOKEN},${CLIENT_TOKEN}`];
    case 'keys':
      return [`SIGNING_KEY=${CANARY}-signing-key`];
    case 'ledger':
      return [
        'PGHOST=postgres',
        'PGUSER=nexus',
        `PGPASSWORD=${PG_PASSWORD}`,
        'PGDATABASE=nexus',
        'PLATFORM_FEE_BPS=250',
        `JOURNAL=/var/lib/nexus/journal.log`,
      ];
    case 'wallet':
      return ['JOURNAL=/var/lib/nexus/journal.log'];
    default:
      return name === 'streamcore' ? ['STREAM_TENANTS=nexus,puabo'] : [];
  }
}
