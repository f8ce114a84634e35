import { Context } from '@temporalio/activity';
import { DriverError } from '../drivers/errors.ts';
import type { JournalEntry } from '../executor/contract.ts';
import type { RunHash, RunId } from '../plan/ids.ts';
import { outlineOf } from '../run/outline.ts';
import { passed, STEPS, type StepName } from '../run/step.ts';
import { readPlan } from './compute.ts';
import type { AdmitOrder, TakenOver } from './contract.ts';
import type { Deps } from './deps.ts';
import { refusing } from './refusing.ts';
import { found, lookOf } from './session.ts';

/** Claims the platform over a run whose workflow is gone, with a higher fence, and reads where it stood. */
export const takeOver =
  (deps: Deps) =>
  (order: AdmitOrder): Promise<TakenOver> =>
    refusing<TakenOver>(
      order.until,
      async () => {
        const context = Context.current();
        const look = lookOf(context);
        const run = context.info.workflowExecution?.runId as RunId;
        const left = found(order.request.takeOver, 'the run to take over');
        const plan = await readPlan(deps, order.request.platform);
        const { engine } = deps.drivers(plan);
        const owner = await engine.findOwner(plan.platform, look);
        const entries = (await deps.journals.open(plan.platform, left)).entries();
        const opened = entries.find(entry => entry.fact.type === 'opened')?.fact;
        if (opened?.type !== 'opened')
          throw new DriverError(
            'missing',
            `run ${left} has no journal on this host: there is nothing to take over from`,
            { next: `lastgood status ${plan.platform}` },
          );
        if (owner !== undefined && owner.run !== left && owner.run !== run) {
          throw new DriverError('refused', `run ${owner.run} holds ${plan.platform}, not run ${left}`, {
            next: `lastgood run ${plan.platform} --take-over ${owner.run}`,
          });
        }
        const fence = (owner?.fence ?? 1) + (owner?.run === run ? 0 : 1);
        await engine.claim({ platform: plan.platform, run, fence }, look, left);
        const journal = await deps.journals.open(plan.platform, run);
        const objectsOf = opened.onBehalfOf ?? left;
        if (journal.entries().length === 0) await journal.append({ ...opened, run, onBehalfOf: objectsOf });
        const hash = opened.hash as RunHash;
        const first = objectsOf === left ? [] : (await deps.journals.open(plan.platform, objectsOf)).entries();
        const begun = isOver(entries) ? [] : stepsBegun([...first, ...entries]);
        return {
          objectsOf,
          result: passed(
            `took over run ${left}: ${begun.length === 0 ? 'it had changed nothing' : `it had begun ${begun.join(', ')}`}`,
          ),
          outline: outlineOf(await deps.runs.load(hash), hash, []),
          begun,
        };
      },
      result => ({ result, begun: [] }),
    );

/** What closed has nothing left to take back or to finish, but for a run that was held and handed over. */
const isOver = (entries: readonly JournalEntry[]): boolean =>
  entries.some(({ fact }) => fact.type === 'closed' && fact.outcome !== 'held');

/** In the runbook's order. An undo that had begun is begun again: it is judged from the engine, not from memory. */
function stepsBegun(entries: readonly JournalEntry[]): StepName[] {
  const seen = new Set(
    entries.flatMap(({ fact }) => (fact.type === 'order' && fact.key.direction === 'forward' ? [fact.key.step] : [])),
  );
  return STEPS.filter(step => seen.has(step));
}
