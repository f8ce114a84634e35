import { Context } from '@temporalio/activity';
import { DriverError } from '../drivers/errors.ts';
import type { RunHash, RunId } from '../plan/ids.ts';
import { leftOpen } from '../run/left-open.ts';
import type { CloseOrder, RunClosed } from './contract.ts';
import type { Deps } from './deps.ts';
import { hasTakenOver, openedIn } from './journal-facts.ts';
import { planOfRun } from './plan-of-run.ts';
import { inTime, refusing } from './refusing.ts';
import { lookOf, writeRecords } from './session.ts';

/** The end of a run: its last records are journalled, its journal closed, its report written, its lock given back. */
export const closeRun =
  (deps: Deps) =>
  (sent: CloseOrder): Promise<RunClosed> => {
    const context = Context.current();
    const order = inTimeAfter(context, sent);
    return refusing<RunClosed>(
      order.until,
      async () => {
        if (Date.now() > order.until)
          throw new DriverError('unavailable', `host ${order.host}: its engine gave no answer in time`);
        const run = context.info.workflowExecution?.runId as RunId;
        const journal = await deps.journals.open(order.platform, run);
        await writeRecords(journal, order.records);
        if (!journal.entries().some(entry => entry.fact.type === 'closed'))
          await journal.append({ type: 'closed', outcome: order.outcome });
        // The same report is the run's result: a disk without room for it must not keep the platform locked.
        const lost = await deps.runs.writeReport(order.platform, run, order.report).then(
          () => '',
          error => `its report on host ${order.host}: ${error instanceof Error ? error.message : String(error)}`,
        );
        // A take-over that was refused ended nothing of the other run: that one's lock and journal stay for the next.
        const isOurs = order.onBehalfOf === undefined || hasTakenOver(journal.entries());
        if (order.release && isOurs) await giveBack(deps, order, run, lookOf(context));
        return { lost, ...(await unsettledAfter(deps, order)) };
      },
      leftOpen,
    );
  };

/** A worker that is there takes an attempt at once. */
const AT_ONCE_MS = 5_000;
const wasAway = ({ info }: Context): boolean => Date.now() - info.currentAttemptScheduledTimestampMs > AT_ONCE_MS;
/** An engine that boots beside its worker answers later than that one asks. */
const BOOTING_MS = 60_000;

/** Each try of a worker that was started since it was asked gets the time that its engine may take to boot. */
function inTimeAfter(context: Context, sent: CloseOrder): CloseOrder {
  const order = wasAway(context) ? inTime(sent) : sent;
  const startedAt = performance.timeOrigin;
  if (startedAt < context.info.scheduledTimestampMs) return order;
  return { ...order, until: Math.max(order.until, startedAt + BOOTING_MS) };
}

/** A run that completed has a watch of its own, and one that a person took over keeps the lock that settling needs. */
async function unsettledAfter(deps: Deps, { outcome, platform }: CloseOrder): Promise<Pick<RunClosed, 'unsettled'>> {
  if (outcome === 'completed' || outcome === 'held') return {};
  const runs = await deps.journals.findUnsettled(platform);
  const journals = await Promise.all(runs.map(run => deps.journals.open(platform, run)));
  const newest = journals
    .flatMap(journal => {
      const [first, opened] = [journal.entries()[0], openedIn(journal.entries())];
      return first === undefined || opened === undefined || opened.hash === '' ? [] : [{ at: first.at, opened }];
    })
    .sort((a, b) => (a.at < b.at ? -1 : 1))
    .at(-1)?.opened;
  return newest === undefined ? {} : { unsettled: { run: newest.run, hash: newest.hash as RunHash } };
}

/** A run that was refused because another holds the platform gives nothing back: the lock is not its own. */
async function giveBack(deps: Deps, order: CloseOrder, run: RunId, look: ReturnType<typeof lookOf>): Promise<void> {
  const hash = openedIn((await deps.journals.open(order.platform, run)).entries())?.hash;
  // Whoever never opened a journal claimed nothing: a plan that cannot be read leaves nothing of it behind.
  if (hash === undefined && !('plan' in (await deps.plans.read(order.platform)))) return;
  const { engine } = deps.drivers(await planOfRun(deps, order.platform, hash));
  const owner = await engine.findOwner(order.platform, look);
  // The lock is the last to go: as long as it stands, whoever comes is sent to this run, which is over, not to the other.
  await closeOthers(deps, order, run, look);
  if (owner?.run === run) await engine.unclaim(owner, look);
}

/**
 * A take-over that came to an end closes the journals of the run that it took over, of the first one when that was a
 * take-over itself, and of those in between: nothing of them is left to end.
 */
async function closeOthers(deps: Deps, order: CloseOrder, by: RunId, look: ReturnType<typeof lookOf>): Promise<void> {
  const { onBehalfOf: left, platform } = order;
  if (left === undefined) return;
  const objectsOf = openedIn((await deps.journals.open(platform, left)).entries())?.onBehalfOf ?? left;
  for (const run of await deps.journals.findOpen(platform)) {
    const journal = await deps.journals.open(platform, run);
    const isOfThem = run === left || run === objectsOf || openedIn(journal.entries())?.onBehalfOf === objectsOf;
    if (!isOfThem || run === by) continue;
    const isHandedOver = journal.entries().some(({ fact }) => fact.type === 'closed');
    await journal.append(
      isHandedOver
        ? { type: 'ended', by, outcome: order.outcome }
        : { type: 'closed', outcome: `taken over: ${order.outcome}` },
    );
  }
  look.progress({ current: 'closed' });
}
