import { Context } from '@temporalio/activity';
import type { RunId } from '../plan/ids.ts';
import { readPlan } from './compute.ts';
import type { CloseOrder } from './contract.ts';
import type { Deps } from './deps.ts';
import { refusing } from './refusing.ts';
import { lookOf, writeRecords } from './session.ts';

/** The end of a run: its last records and its report are written, its journal closed, its lock given back. */
export const closeRun =
  (deps: Deps) =>
  (order: CloseOrder): Promise<{ lost: string }> =>
    refusing(
      order.until,
      async () => {
        const context = Context.current();
        const run = context.info.workflowExecution?.runId as RunId;
        await deps.runs.writeReport(order.platform, run, order.report);
        const journal = await deps.journals.open(order.platform, run);
        await writeRecords(journal, order.records);
        if (!journal.entries().some(entry => entry.fact.type === 'closed'))
          await journal.append({ type: 'closed', outcome: order.outcome });
        if (order.release) await giveBack(deps, order, run, lookOf(context));
        return { lost: '' };
      },
      result => ({ lost: result.reason }),
    );

/** A run that was refused because another holds the platform gives nothing back: the lock is not its own. */
async function giveBack(deps: Deps, order: CloseOrder, run: RunId, look: ReturnType<typeof lookOf>): Promise<void> {
  const read = await deps.plans.read(order.platform);
  if (!('plan' in read)) return;
  const { engine } = deps.drivers(await readPlan(deps, order.platform));
  const owner = await engine.findOwner(order.platform, look);
  if (owner?.run === run) await engine.unclaim(owner, look);
  await closeOther(deps, order, look);
}

/** A take-over that came to an end closes the journal of the run it took over. */
async function closeOther(deps: Deps, order: CloseOrder, look: ReturnType<typeof lookOf>): Promise<void> {
  if (order.onBehalfOf === undefined) return;
  const journal = await deps.journals.open(order.platform, order.onBehalfOf);
  if (!journal.entries().some(entry => entry.fact.type === 'closed'))
    await journal.append({ type: 'closed', outcome: `taken over: ${order.outcome}` });
  look.progress({ current: 'closed' });
}
