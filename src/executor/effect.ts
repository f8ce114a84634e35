import type { Effect } from '../drivers/contract.ts';
import { DriverError } from '../drivers/errors.ts';
import type { JournalFact, Key, Order } from './contract.ts';
import type { RunState, Standing } from './run-state.ts';
import type { Verb } from './under-way.ts';

/** Where an effect happens: whose order it is, what its run's journal says, and the verb that it is part of. */
export interface Site {
  readonly order: Order;
  readonly run: RunState;
  readonly verb: Verb;
  /** Why this order may not act any more, or nothing. Asked in the same breath as what it allows: no await between. */
  refusal(): string | undefined;
  /** Looks again whose the platform is, when that is no longer fresh. @throws DriverError when the engine does not say */
  askAgain(): Promise<void>;
}

/**
 * Journal, read-back, intent, act, read-back, result. The act happens at most once for its key, name and effect round,
 * whoever dies in between: without a result on record the engine is asked first, and asked again after.
 * @throws the cancellation's reason; DriverError conflict when a newer order or another run took over; DriverError
 * unavailable when nobody can say whether it took hold; else what the act threw
 */
export function runEffect<T>(site: Site, effect: Effect<T>): Promise<T> {
  const { order, run } = site;
  const name = journalName(order, effect.name);
  return run.alone(order.key, name, order.signal, async () => {
    order.signal.throwIfAborted();
    const standing = run.find(order.key, name);
    const found = await effect.isDone();
    if (standing?.status === 'done' && found !== undefined) return found;
    await mayGoOn(site);
    const before = { key: order.key, effect: name, effectRound: standing?.effectRound ?? 1 };
    if (found !== undefined) {
      await run.journal.append({ type: 'done', ...before, by: 'found' });
      return found;
    }
    const mark = await effect.mark?.();
    const passed = passedUnheard(standing, mark);
    const wasDone = standing?.status === 'done' || passed !== undefined;
    const at = { ...before, effectRound: before.effectRound + (wasDone || standing?.status === 'gone' ? 1 : 0) };
    const evidence = passed ?? `done by entry ${standing?.seq}, read back as not done`;
    await Promise.all([
      passed === undefined ? undefined : run.journal.append({ type: 'done', ...before, by: 'found' }),
      wasDone ? run.journal.append({ type: 'gone', ...before, evidence }) : undefined,
      run.journal.append({ type: 'intent', ...at, fence: order.fence, ...(mark === undefined ? {} : { mark }) }),
    ]);
    await site.askAgain();
    await mayGoOn(site);
    return actAndReadBack(site, effect, at);
  });
}

/** The act of an earlier attempt took hold, nobody lived to hear it, and what it did has passed since: what says so, or nothing. */
function passedUnheard(standing: Standing | undefined, mark: string | undefined): string | undefined {
  if (standing?.status !== 'intent' && standing?.status !== 'failed') return undefined;
  if (mark === undefined || standing.mark === undefined || mark === standing.mark) return undefined;
  return `begun by entry ${standing.seq} at mark ${standing.mark}, found at mark ${mark} and read back as not done`;
}

/** In the name of another run, the same verb on the same target is another effect. */
const journalName = (order: Order, name: string): string =>
  order.onBehalfOf === undefined ? name : `${name}@${order.onBehalfOf}`;

type Which = { readonly key: Key; readonly effect: string; readonly effectRound: number };

async function actAndReadBack<T>(site: Site, effect: Effect<T>, which: Which): Promise<T> {
  const { journal } = site.run;
  site.verb.beginAct();
  try {
    const failure = await effect.act(site.verb.acts).then(
      () => undefined,
      error => ({ error }),
    );
    const found = await effect.isDone().catch(error => Promise.reject(notKnown(site, which, error)));
    if (found !== undefined) {
      await journal.append({ type: 'done', ...which, by: failure === undefined ? 'act' : 'reported-failed' });
      await mayGoOn(site);
      return found;
    }
    const error = failure === undefined ? notFoundDone(site, which) : failure.error;
    await journal.append({ type: 'failed', ...which, ...sayable(error) });
    await mayGoOn(site);
    throw error;
  } catch (error) {
    // The wait for a cancelled act is over, whatever came of it: the answer to a cancellation is its reason.
    site.order.signal.throwIfAborted();
    throw error;
  } finally {
    site.verb.endAct();
  }
}

async function mayGoOn(site: Site): Promise<void> {
  site.order.signal.throwIfAborted();
  const reason = site.refusal();
  if (reason !== undefined) throw await refuse(site, reason);
}

/** Writes down that this order was refused. Returns the error to throw. */
export async function refuse(site: Pick<Site, 'order' | 'run'>, reason: string): Promise<DriverError> {
  const { key, fence } = site.order;
  await site.run.journal.append({ type: 'refused', key, fence, reason });
  return new DriverError('conflict', `${orderText(site.order)}: ${reason}; refused before anything more was changed`, {
    next: 'nothing: whoever holds the platform now goes on',
    notOurs: true,
  });
}

/** Foreign errors may carry anything, a driver's never a secret. */
function sayable(error: unknown): Pick<Extract<JournalFact, { type: 'failed' }>, 'kind' | 'message'> {
  if (error instanceof DriverError) return { kind: error.kind, message: error.message };
  return { kind: error instanceof Error ? error.name : typeof error, message: 'not an error of a driver' };
}

export const orderText = ({ key }: Order): string =>
  `${key.step} ${key.direction} of ${key.target} (round ${key.round})`;

const notFoundDone = (site: Site, which: Which): DriverError =>
  new DriverError('unavailable', `${orderText(site.order)}: ${which.effect} reported success, not found done`, {
    next: 'look at the target: the engine took the call and did not carry it out',
  });

const notKnown = (site: Site, which: Which, cause: unknown): DriverError =>
  new DriverError(
    'unavailable',
    `${orderText(site.order)}: ${which.effect} was sent, and cannot be read back: ${cause instanceof DriverError ? cause.message : 'the engine did not answer'}; the platform may have been changed`,
    { cause, next: 'the next attempt reads it back before it acts' },
  );
