import type { Engine } from '../drivers/contract.ts';
import { DriverError } from '../drivers/errors.ts';
import type { EngineId, PlatformName } from '../plan/ids.ts';
import type { Executor, Journal, Journals, Order } from './contract.ts';
import { orderText, refuse, runEffect, type Site } from './effect.ts';
import { fenceText, isOlder } from './fence.ts';
import { type RunState, readRunState } from './run-state.ts';
import { singleFlight } from './single-flight.ts';
import { ANSWER_WITHIN_MS, createUnderWay, type UnderWay, type Verb } from './under-way.ts';

export interface ExecutorOptions {
  readonly journals: Journals;
  /** Milliseconds that an act in flight may still be answered after cancellation. */
  readonly answerWithin?: number;
}

/**
 * A process that was frozen (SIGSTOP, a suspended machine) goes on in the middle of a verb, long after another may have
 * taken over: a claim that was seen longer ago than this is looked at again before anything is done on its account.
 */
export const CLAIM_KNOWN_FOR_MS = 2_000;

/**
 * Makes the one place that an effect passes. Before a verb: this engine, this run's claim, no newer order, and nothing
 * older still in flight in this process. Inside it every act is checked again and journalled (effect.ts).
 * Across processes the same holds as long as one process alone owns an engine: ownership.ts.
 */
export function createExecutor({ journals, answerWithin = ANSWER_WITHIN_MS }: ExecutorOptions): Executor {
  const runs = new WeakMap<Journal, RunState>();
  const platforms = new Map<string, UnderWay>();
  const desks = new WeakMap<Engine, Desk>();

  return {
    async execute(engine, order, verb) {
      order.signal.throwIfAborted();
      const journal = await journals.open(order.platform, order.key.run);
      const run = remembered(runs, journal, () => readRunState(journal));
      const platform = remembered(platforms, `${order.engine} ${order.platform}`, () => createUnderWay(answerWithin));
      const stale = olderThan(run, order);
      if (stale !== undefined) throw await refuse({ order, run }, stale);
      run.raise(order.fence);
      const [, , owner] = await Promise.all([
        journal.append({ type: 'order', key: order.key, fence: order.fence }),
        checkIdentity(desk(desks, engine), order),
        desk(desks, engine).owner(order.platform, platform)(order.signal),
      ]);
      if (owner !== order.key.run) throw notOwner(order, owner);
      const reason = refusal(run, platform, order);
      if (reason !== undefined) throw await refuse({ order, run }, reason);

      const working = platform.enter(order.key.run, order.fence, order.signal);
      try {
        await platform.cutOffOlder(working);
        const askAgain = async (): Promise<void> => {
          const since = Date.now() - platform.askedAt;
          // A clock that went back tells nothing either.
          if (since < 0 || since > CLAIM_KNOWN_FOR_MS)
            await desk(desks, engine).owner(order.platform, platform)(working.acts);
        };
        const site = { order, run, verb: working, refusal: () => refusal(run, platform, order), askAgain };
        return await verb({
          run: order.onBehalfOf ?? order.key.run,
          signal: working.looks,
          progress: at => order.progress(at),
          effect: effectsOf(site, working),
        });
      } finally {
        // A verb that threw may have left another branch of itself acting: its attempt is not over before that is.
        await working.end();
      }
    },
  };
}

function effectsOf(site: Site, verb: Verb): Parameters<Parameters<Executor['execute']>[2]>[0]['effect'] {
  const done = new Set<string>();
  return async effect => {
    if (verb.isOver()) throw misused(site.order, `${effect.name} was asked for after its verb had ended`);
    if (done.has(effect.name)) throw misused(site.order, `${effect.name} names two effects of one verb`);
    const result = await runEffect(site, effect);
    done.add(effect.name);
    return result;
  };
}

/** One engine, asked by all who come at once. */
interface Desk {
  readonly identity: (signal: AbortSignal) => Promise<EngineId>;
  readonly owner: (platform: PlatformName, seen: UnderWay) => (signal: AbortSignal) => Promise<string | undefined>;
}

function desk(desks: WeakMap<Engine, Desk>, engine: Engine): Desk {
  return remembered(desks, engine, () => {
    // By what is known of a platform on one engine: another engine behind the same address is asked anew.
    const owners = new WeakMap<UnderWay, (signal: AbortSignal) => Promise<string | undefined>>();
    return {
      identity: singleFlight(look => engine.identify(look)),
      owner: (platform, seen) =>
        remembered(owners, seen, () =>
          singleFlight(async look => {
            const askedAt = Date.now();
            const owner = await engine.findOwner(platform, look);
            // A run that lost its claim while a verb of it was at work does nothing more here.
            if (!look.signal.aborted) {
              seen.owner = owner?.run;
              seen.askedAt = askedAt;
            }
            return owner?.run;
          }),
        ),
    };
  });
}

async function checkIdentity({ identity }: Desk, order: Order): Promise<void> {
  const found = await identity(order.signal);
  if (found === order.engine) return;
  throw new DriverError(
    'conflict',
    `${orderText(order)}: engine ${order.engine} expected, engine ${found} found; nothing was changed`,
    { next: 'point the host at the engine that the run was approved for, or plan a new run', notOurs: true },
  );
}

const notOwner = (order: Order, owner: string | undefined): DriverError =>
  new DriverError(
    'conflict',
    `${orderText(order)}: ${owner === undefined ? 'no claim' : `claim held by run ${owner}`} on platform ${order.platform}, claim of run ${order.key.run} expected; nothing was changed`,
    {
      next:
        owner === undefined
          ? `lastgood status ${order.platform}: somebody removed the claim, or gave it back`
          : `lastgood run ${order.platform} --take-over ${owner}   # when that run's workflow is gone, and this one is closed`,
      notOurs: true,
    },
  );

function refusal(run: RunState, platform: UnderWay, order: Order): string | undefined {
  if (platform.owner !== order.key.run) return `claim held by ${platform.owner ?? 'no run'}`;
  return olderThan(run, order);
}

function olderThan(run: RunState, { fence }: Order): string | undefined {
  const newest = run.newest();
  if (newest === undefined || !isOlder(fence, newest)) return undefined;
  return `${fenceText(fence)} is older than ${fenceText(newest)}`;
}

const misused = (order: Order, what: string): DriverError =>
  new DriverError('refused', `${orderText(order)}: ${what}; nothing was changed by it`);

interface Shelf<K, V> {
  get(key: K): V | undefined;
  set(key: K, value: V): unknown;
}
function remembered<K, V>(shelf: Shelf<K, V>, key: K, make: () => V): V {
  const known = shelf.get(key);
  if (known !== undefined) return known;
  const made = make();
  shelf.set(key, made);
  return made;
}
