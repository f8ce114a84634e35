import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Call, Effect, Engine, Owner } from '../../src/drivers/contract.ts';
import { DriverError } from '../../src/drivers/errors.ts';
import type { Fence, Key, Order } from '../../src/executor/contract.ts';
import type { EngineId, PlatformName, RunId } from '../../src/plan/ids.ts';

export const PLATFORM = 'n3xus' as PlatformName;
export const RUN = '0198c0de-0000-7000-8000-000000000001' as RunId;
export const OTHER_RUN = '0198c0de-0000-7000-8000-000000000002' as RunId;
export const ENGINE = 'ENGINE-1' as EngineId;

/** How one act goes. `die-…`: the process is gone at that moment, and nothing of it happens afterwards. */
export type Behaviour = 'do' | 'do-then-throw' | 'throw' | 'lie' | 'hang' | 'do-then-hang' | 'die-before' | 'die-after';

/** What outlives a process: which things are done, how often each was done, and whose the platform is. */
export interface World {
  readonly done: Set<string>;
  readonly heldTimes: Map<string, number>;
  owner: Owner | undefined;
  id: EngineId;
  readonly asked: { identify: number; findOwner: number };
  readonly engine: Engine;
}

export function createWorld(): World {
  const asked = { identify: 0, findOwner: 0 };
  const world: World = {
    done: new Set(),
    heldTimes: new Map(),
    owner: { platform: PLATFORM, run: RUN, fence: 1 },
    id: ENGINE,
    asked,
    engine: {
      identify: async () => {
        asked.identify += 1;
        return world.id;
      },
      findOwner: async () => {
        asked.findOwner += 1;
        return world.owner;
      },
      claim: async () => {},
      unclaim: async () => {},
    },
  };
  return world;
}

/** One life of a process. After `die` nothing that it began is ever answered. */
export interface Life {
  dead: boolean;
  readonly death: Promise<never>;
  die(): void;
}
export class Died extends Error {}
export const NEVER = new Promise<never>(() => {});

export function beginLife(): Life {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  const life: Life = {
    dead: false,
    death: promise,
    die: () => {
      life.dead = true;
      reject(new Died());
    },
  };
  return life;
}

export function thing(world: World, life: Life, name: string, behave: () => Behaviour): Effect<string> {
  const hold = () => {
    world.done.add(name);
    world.heldTimes.set(name, (world.heldTimes.get(name) ?? 0) + 1);
  };
  return {
    name,
    isDone: async () => (life.dead ? NEVER : world.done.has(name) ? name : undefined),
    async act(signal) {
      if (life.dead) return NEVER;
      const how = behave();
      if (how === 'do' || how === 'do-then-throw' || how === 'do-then-hang' || how === 'die-after') hold();
      if (how === 'die-before' || how === 'die-after') {
        life.die();
        return NEVER;
      }
      if (how === 'hang' || how === 'do-then-hang') await abortOf(signal);
      if (how === 'throw' || how === 'do-then-throw') throw new DriverError('unavailable', `${name}: told to fail`);
    },
  };
}

export const abortOf = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

export const keyOf = (over: Partial<Key> = {}): Key => ({
  run: RUN,
  step: 'stop-tiers',
  direction: 'forward',
  round: 1,
  target: 'ledger',
  ...over,
});

export function orderOf(
  over: Partial<Omit<Order, 'key' | 'fence'>> & { key?: Partial<Key>; fence?: Fence } = {},
): Order {
  const { key, ...rest } = over;
  return {
    platform: PLATFORM,
    fence: { turn: 1, attempt: 1 },
    engine: ENGINE,
    signal: new AbortController().signal,
    progress: () => {},
    ...rest,
    key: keyOf(key),
  };
}

/** A verb of several effects, one after the other. */
export const each =
  (effects: readonly Effect<string>[]) =>
  async (call: Call): Promise<readonly string[]> => {
    const results: string[] = [];
    for (const effect of effects) results.push(await call.effect(effect));
    return results;
  };

export async function temporaryDirectory(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'lastgood-journal-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
