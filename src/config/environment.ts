import { isAbsolute, join } from 'node:path';
import { type ClientConnectConfig, loadClientConnectConfig } from '@temporalio/envconfig';
import { type Duration, parseDuration, seconds } from '../plan/duration.ts';
import { type HostName, isName } from '../plan/ids.ts';
import { findNearest } from '../plan/nearest.ts';

/** What the environment says, parsed once and trusted from there on. */
export interface Environment {
  /** Where lastgood keeps its journals, releases and RunPlans. */
  readonly state: string;
  /** Where the worker reads plans. */
  readonly plans: string;
  /** The ledger's key file. */
  readonly key: string;
  readonly host: HostName;
  readonly taskQueue: string;
  readonly log: LogLevel;
  /** How long this worker may be silent on one piece of work before it is given out again. */
  readonly heartbeat: Duration;
  readonly temporal: TemporalAddress;
}

export interface TemporalAddress {
  readonly address: string;
  /** Somebody named this server: it is used, and never replaced by one of ours. */
  readonly configured: boolean;
  readonly namespace: string;
  /** For `Connection.connect` and `NativeConnection.connect`. May hold an API key. */
  readonly connection: ClientConnectConfig['connectionOptions'];
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Every variable that lastgood reads of its own, and what stands when it is not set. */
const DEFAULTS = {
  LASTGOOD_STATE: '/var/lib/lastgood',
  LASTGOOD_PLANS: '/etc/lastgood/plans',
  LASTGOOD_KEY: undefined,
  LASTGOOD_NAMESPACE: undefined,
  LASTGOOD_HOST: 'main',
  LASTGOOD_TASK_QUEUE: 'lastgood',
  LASTGOOD_LOG: 'info',
  LASTGOOD_HEARTBEAT: '10s',
} as const;
type Name = keyof typeof DEFAULTS;

/** Read elsewhere: where downloads are kept, and what the tests run on. */
const ELSEWHERE = /^LASTGOOD_(CACHE$|TEST_)/;

/** All that is wrong with the environment, one line each. */
export class EnvironmentFaults extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.name = 'EnvironmentFaults';
    this.faults = faults;
  }
}

/**
 * Reads `LASTGOOD_*`, and the `TEMPORAL_*` variables and profiles as the `temporal` command does.
 * @throws EnvironmentFaults with every fault at once
 */
export function parseEnvironment(env: Readonly<Record<string, string | undefined>>): Environment {
  const faults: string[] = unknownNames(env);
  const text = (name: Name): string | undefined => {
    if (env[name] === '') faults.push(`${name}: it is empty; unset it, or give it a value`);
    return env[name] || DEFAULTS[name];
  };
  const path = (name: Name, otherwise = ''): string => {
    const found = text(name) ?? otherwise;
    if (!isAbsolute(found)) faults.push(`${name}: an absolute path expected, ${JSON.stringify(found)} found`);
    return found;
  };
  const named = (name: Name): string => {
    const found = text(name) ?? '';
    const expected = '1 to 63 of a-z 0-9 . _ -, a letter or digit at both ends, expected';
    if (!isName(found)) faults.push(`${name}: ${expected}, ${JSON.stringify(found)} found`);
    return found;
  };
  const state = path('LASTGOOD_STATE');
  const parsed = {
    state,
    plans: path('LASTGOOD_PLANS'),
    key: path('LASTGOOD_KEY', join(state, 'key')),
    host: named('LASTGOOD_HOST') as HostName,
    taskQueue: named('LASTGOOD_TASK_QUEUE'),
    log: parseLevel(text('LASTGOOD_LOG') ?? '', faults),
    heartbeat: parseHeartbeat(text('LASTGOOD_HEARTBEAT') ?? '', faults),
    temporal: findTemporal(env, text('LASTGOOD_NAMESPACE'), faults),
  };
  if (faults.length > 0) throw new EnvironmentFaults(faults);
  return parsed;
}

function unknownNames(env: Readonly<Record<string, string | undefined>>): string[] {
  const unknown = Object.keys(env).filter(
    name => /^LASTGOOD_/.test(name) && !(name in DEFAULTS) && !ELSEWHERE.test(name),
  );
  const short = (name: string): string => name.slice('LASTGOOD_'.length);
  return unknown.sort().map(name => {
    const near = findNearest(short(name), Object.keys(DEFAULTS).map(short));
    return `${name}: there is no such variable${near === undefined ? '' : `, did you mean LASTGOOD_${near}?`}`;
  });
}

function parseLevel(text: string, faults: string[]): LogLevel {
  const level = LOG_LEVELS.find(one => one === text);
  if (level !== undefined) return level;
  const near = findNearest(text, LOG_LEVELS);
  const hint = near === undefined ? '' : `, did you mean ${near}?`;
  faults.push(`LASTGOOD_LOG: one of ${LOG_LEVELS.join(', ')} expected, ${JSON.stringify(text)} found${hint}`);
  return 'info';
}

/** Shorter, and a busy machine is taken for a dead one; longer, and a dead one keeps the gates shut for nothing. */
const [SHORTEST_HEARTBEAT, LONGEST_HEARTBEAT] = [seconds(2), seconds(60)];

function parseHeartbeat(given: string, faults: string[]): Duration {
  try {
    const heartbeat = parseDuration(given);
    if (heartbeat >= SHORTEST_HEARTBEAT && heartbeat <= LONGEST_HEARTBEAT) return heartbeat;
  } catch {
    // Said below.
  }
  faults.push(`LASTGOOD_HEARTBEAT: a duration of 2s to 1m expected, as 10s, ${JSON.stringify(given)} found`);
  return seconds(10);
}

function findTemporal(
  env: Readonly<Record<string, string | undefined>>,
  namespace: string | undefined,
  faults: string[],
): TemporalAddress {
  const given = Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined);
  let config: ClientConnectConfig = { connectionOptions: {} };
  try {
    config = loadClientConnectConfig({ overrideEnvVars: Object.fromEntries(given) });
  } catch (error) {
    faults.push(`TEMPORAL_*: ${(error as Error).message.split('\n')[0]}`);
  }
  const { address } = config.connectionOptions;
  return {
    address: address ?? 'localhost:7233',
    configured: address !== undefined,
    namespace: namespace ?? config.namespace ?? 'default',
    connection: { ...config.connectionOptions, address: address ?? 'localhost:7233' },
  };
}
