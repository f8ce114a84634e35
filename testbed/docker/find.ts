import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { type Cache, openCache } from '../cache.ts';
import type { Say } from '../say.ts';
import { installPackages, whyNoApt } from './apt.ts';
import { findEngineBinaries } from './binaries.ts';
import { connectTo } from './connect.ts';
import { startPrivateEngine } from './engine.ts';

/** An engine to bring a platform up on: the user's own, or a private one. */
export interface FoundEngine {
  /** On the user's own engine nothing is touched but objects that carry our label. */
  readonly whose: 'user' | 'ours';
  /** As DOCKER_HOST takes it. */
  readonly socket: string;
  readonly client: Docker;
  /** Ends a private engine; nothing happens to the user's. */
  stop(): Promise<void>;
}

export interface FindEngineOptions {
  readonly say: Say;
  readonly cache?: Cache;
  /** Tests ask for one of their own, so that what they find does not depend on the machine. */
  readonly privateOnly?: boolean;
  readonly env?: NodeJS.ProcessEnv;
}

const DEFAULT_SOCKET = 'unix:///var/run/docker.sock';

/**
 * Finds a Docker engine, or makes one: DOCKER_HOST, the default socket, a private one, a private one after installing
 * the distribution's packages.
 * @throws Error listing what was tried, each with why not, and the ways out
 */
export async function findOrStartEngine(options: FindEngineOptions): Promise<FoundEngine> {
  const { say, env = process.env } = options;
  const tried: string[] = [];
  if (options.privateOnly !== true) {
    const asked = env['DOCKER_HOST'] || undefined;
    const found = await reach(asked ?? DEFAULT_SOCKET, asked === undefined ? 'the default socket' : 'DOCKER_HOST');
    if (typeof found !== 'string') {
      say(`Docker engine ${found.version} at ${found.engine.socket}: only objects labelled as lastgood's are touched`);
      return found.engine;
    }
    tried.push(found);
    // Whoever names an engine means that one: no other is put in its place.
    if (asked !== undefined) throw new Error(explain(tried, ['unset DOCKER_HOST, or start the engine that it names']));
  }
  let binaries = await findEngineBinaries();
  if ('missing' in binaries) {
    const why = await whyNoApt();
    if (why !== undefined) {
      tried.push(...binaries.missing.map(line => `a private engine: ${line}`));
      tried.push(`installing docker.io: ${why}`);
      throw new Error(explain(tried));
    }
    say("no Docker engine answers here: installing the distribution's (docker.io), to start a private one");
    await installPackages(['docker.io', 'iptables', 'iproute2'], say);
    binaries = await findEngineBinaries();
  }
  if ('missing' in binaries) {
    tried.push(...binaries.missing.map(line => `a private engine, after docker.io was installed: ${line}`));
    throw new Error(explain(tried));
  }
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    tried.push('a private engine: it needs root on Linux');
    throw new Error(explain(tried));
  }
  const cache = options.cache ?? openCache();
  const directory = join(cache.directory, `engine-${process.pid}`);
  const engine = await startPrivateEngine({ directory, say });
  const stop = async (): Promise<void> => {
    await engine.stop();
    await rm(directory, { recursive: true, force: true });
  };
  return { whose: 'ours', socket: engine.socket, client: engine.client, stop };
}

async function reach(socket: string, name: string): Promise<{ engine: FoundEngine; version: string } | string> {
  try {
    const { Version } = await connectTo(socket, 5_000).version();
    const engine = { whose: 'user' as const, socket, client: connectTo(socket), stop: async () => undefined };
    return { engine, version: Version };
  } catch (error) {
    return `${name} (${socket}): ${(error as Error).message.trim().split('\n')[0]}`;
  }
}

const explain = (tried: readonly string[], first: readonly string[] = []): string =>
  [
    'no Docker engine was found or could be started. Tried:',
    ...tried.map(line => `  - ${line}`),
    'What to do, any one of these:',
    ...[
      ...first,
      'start the Docker engine of this machine, and be in the group that may use it',
      'set DOCKER_HOST to an engine that answers: unix:///path/docker.sock or tcp://host:port',
      'on Debian or Ubuntu, run this as root: the engine is then installed and a private one started',
    ].map(line => `  - ${line}`),
  ].join('\n');
