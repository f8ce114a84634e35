import { Context } from '@temporalio/activity';
import type { Engine, Look } from '../drivers/contract.ts';
import { DriverError } from '../drivers/errors.ts';
import { isEnded } from '../executor/ended.ts';
import type { PlatformName, RunId } from '../plan/ids.ts';
import { LAST_TRY_MS } from './classify.ts';
import type { Deps } from './deps.ts';
import { openedIn } from './journal-facts.ts';

/** Another run that must be ended before anything new begins. */
export interface Left {
  readonly refusal: DriverError;
  /** Its journal is open on this host: the platform may be half-way, its traffic shut, and perhaps nobody is at work. */
  readonly isOpen: boolean;
  /** A recording, or the dropping of what undo kept, has the lock. All but a capture give it back in a moment. */
  readonly isBrief: boolean;
}

/** A run that holds the platform, or that left its journal open on this host, whether its claim still stands or somebody removed it. */
export async function findLeft(
  deps: Deps,
  platform: PlatformName,
  engine: Engine,
  look: Look,
): Promise<Left | undefined> {
  const run = Context.current().info.workflowExecution?.runId;
  const owner = await engine.findOwner(platform, look);
  if (owner !== undefined && owner.run !== run) {
    const at = await standingOf(deps, platform, owner.run);
    return refusedFor(
      at,
      `run ${owner.run} holds ${platform} on this engine: ${at.text}`,
      `lastgood status ${platform}; if its workflow is gone: lastgood run ${platform} --take-over ${owner.run}`,
    );
  }
  const open = await deps.journals.findOpen(platform);
  for (const left of open.filter(one => one !== run)) {
    const at = await standingOf(deps, platform, left);
    // A recording's, and one of a run that Temporal reset, has nothing to be ended.
    if (at.hash === undefined || at.hash === '') continue;
    const what = `run ${left} was left in the middle: ${at.text}; its claim on the engine is gone`;
    return refusedFor(at, what, `lastgood run ${platform} --take-over ${left}`);
  }
  return undefined;
}

/**
 * As `findLeft`, for whoever would begin: what gives the lock back in a moment is waited for until `until`.
 * @throws DriverError unavailable while that is waited for
 */
export async function findInTheWay(
  deps: Deps,
  platform: PlatformName,
  engine: Engine,
  look: Look,
  until: number,
): Promise<Left | undefined> {
  const left = await findLeft(deps, platform, engine, look);
  if (left?.isBrief !== true || Date.now() + LAST_TRY_MS >= until) return left;
  const at = new Date(until).toISOString();
  throw new DriverError('unavailable', `${left.refusal.message}; waits until ${at} for it to give the platform back`);
}

/** Of a journal that is broken nothing is known: whether its run ended, a person must find out. */
const unreadable = (run: RunId, error: unknown): unknown =>
  error instanceof DriverError && error.kind === 'corrupt'
    ? new DriverError('corrupt', error.message, {
        next: `look whether run ${run} left the platform whole, then move its journal away`,
      })
    : error;

interface Standing {
  readonly text: string;
  /** The run that it computed. Empty for a recording; undefined for a run that is over, or not known here. */
  readonly hash: string | undefined;
}

const refusedFor = ({ hash }: Standing, what: string, next: string): Left => ({
  refusal: new DriverError('refused', what, { next, notOurs: true }),
  isOpen: hash !== undefined && hash !== '',
  isBrief: hash === '',
});

/** What the journal on this host says of a run that is not ours. */
async function standingOf(deps: Deps, platform: PlatformName, run: RunId): Promise<Standing> {
  const entries = await deps.journals.find(platform, run).catch(error => Promise.reject(unreadable(run, error)));
  const opened = entries === undefined ? undefined : openedIn(entries);
  // Housekeeping takes the lock again and again under one journal.
  if (opened?.hash === '') return { text: 'it records a release, or drops what undo kept', hash: '' };
  if (entries === undefined || opened === undefined)
    return { text: 'its journal is not on this host', hash: undefined };
  if (isEnded(entries)) return { text: 'its journal is closed, and its lock was left', hash: undefined };
  const isHandedOver = entries.some(({ fact }) => fact.type === 'closed');
  const order = entries.findLast(entry => entry.fact.type === 'order')?.fact;
  const { direction, step } = order?.type === 'order' ? order.key : { direction: 'forward', step: 'admit' };
  return {
    text: `${isHandedOver ? 'it was handed over to a person' : 'its journal is open'}, last at ${direction === 'undo' ? 'undo of ' : ''}${step}, ${entries.at(-1)?.at ?? ''}`,
    hash: opened.hash,
  };
}
