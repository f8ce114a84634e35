/** Every service of the platform, as the runbook names and groups them. Shared by the services and by what deploys them. */
export interface ServiceEntry {
  readonly name: string;
  /** 0 starts first and stops last. */
  readonly tier: 0 | 1 | 2 | 3 | 4;
  readonly port: number;
  readonly role: Role;
  /** Whom its `/work` asks, so that one read from outside crosses a whole branch of the platform. */
  readonly calls: readonly string[];
}

export type Role = 'postgres' | 'redis' | 'api' | 'auth' | 'keys' | 'ledger' | 'wallet' | 'plain';

/** In the order of the plan's tiers. */
export const TIERS = ['foundation', 'economic-core', 'platform-services', 'streaming', 'casino-and-ai'] as const;

const entry = (
  name: string,
  tier: ServiceEntry['tier'],
  port: number,
  role: Role = 'plain',
  calls: readonly string[] = [],
): ServiceEntry => ({ name, tier, port, role, calls });

export const SERVICES: readonly ServiceEntry[] = [
  entry('postgres', 0, 5432, 'postgres'),
  entry('redis', 0, 6379, 'redis'),
  entry('streamcore', 0, 3000),
  entry('puabo-api', 0, 3000, 'api'),
  entry('auth-service', 0, 3001, 'auth', ['pv-keys']),
  entry('pv-keys', 0, 3002, 'keys'),
  entry('puaboai-sdk', 0, 3000),
  entry('ledger-mgr', 1, 3000, 'ledger'),
  entry('wallet-ms', 1, 3000, 'wallet'),
  entry('token-mgr', 1, 3000),
  entry('invoice-gen', 1, 3000),
  entry('license-service', 2, 3000),
  entry('musicchain-ms', 2, 3000),
  entry('puabomusicchain', 2, 3000, 'plain', ['musicchain-ms']),
  entry('dsp-api', 2, 3000, 'plain', ['puabomusicchain']),
  entry('content-management', 2, 3000, 'plain', ['dsp-api', 'license-service']),
  entry('streaming-service-v2', 3, 3000, 'plain', ['streamcore']),
  entry('chat-stream-ms', 3, 3000),
  entry('ott-api', 3, 3000, 'plain', ['streaming-service-v2', 'chat-stream-ms']),
  entry('avatar-ms', 4, 3000),
  entry('world-engine-ms', 4, 3000, 'plain', ['avatar-ms']),
  entry('gamecore-ms', 4, 3000, 'plain', ['world-engine-ms']),
  entry('casino-nexus-api', 4, 3000, 'plain', ['gamecore-ms', 'rewards-ms', 'skill-games-ms']),
  entry('rewards-ms', 4, 3000, 'plain', ['token-mgr']),
  entry('skill-games-ms', 4, 3000),
  entry('puabo-nexus-ai-dispatch', 4, 3000, 'plain', ['puaboai-sdk']),
];

/** The reads of the front API, and which branch each one crosses. */
export const READS: Readonly<Record<string, readonly string[]>> = {
  '/api/catalog': ['content-management'],
  '/api/stream': ['ott-api'],
  '/api/games': ['casino-nexus-api'],
  '/api/ai': ['puabo-nexus-ai-dispatch'],
  '/api/invoices': ['invoice-gen'],
};

/** @throws Error when the platform has no such service */
export function getService(name: string): ServiceEntry {
  const found = SERVICES.find(service => service.name === name);
  if (found === undefined) throw new Error(`no service ${JSON.stringify(name)} in the platform`);
  return found;
}
