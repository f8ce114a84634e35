import { Context } from '@temporalio/activity';
import { DriverError } from '../drivers/errors.ts';
import type { JournalEntry } from '../executor/contract.ts';
import { isEnded } from '../executor/ended.ts';
import type { PlatformName, RunHash, RunId } from '../plan/ids.ts';
import type { Loss } from '../plan/run-plan.ts';
import type { RunEvent } from '../run/events.ts';
import { outlineOf } from '../run/outline.ts';
import { passed, STEPS, type StepName } from '../run/step.ts';
import { chainOf } from './chain.ts';
import { readPlan } from './compute.ts';
import type { AdmitOrder, TakenOver } from './contract.ts';
import type { Deps } from './deps.ts';
import { hasTakenOver, openedIn } from './journal-facts.ts';
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
        if (owner !== undefined && owner.run !== left && owner.run !== run) {
          throw new DriverError('refused', `run ${owner.run} holds ${plan.platform}, not run ${left}`, {
            next: `lastgood run ${plan.platform} --take-over ${owner.run}`,
          });
        }
        const entriesOf = async (one: RunId) => (await deps.journals.open(plan.platform, one)).entries();
        const opened = openedIn(await entriesOf(left));
        if (opened === undefined) throw noJournal(plan.platform, left, owner !== undefined);
        const objectsOf = opened.onBehalfOf ?? left;
        // A recording computes no run: it has nothing to take back but its lock.
        const runPlan = opened.hash === '' ? undefined : await deps.runs.load(opened.hash as RunHash);
        const journal = await deps.journals.open(plan.platform, run);
        // Before the claim: a claim whose run has no journal on this host is another host's.
        if (journal.entries().length === 0) await journal.append({ ...opened, run, onBehalfOf: objectsOf });
        const fence = (owner?.fence ?? 1) + (owner?.run === run ? 0 : 1);
        await engine.claim({ platform: plan.platform, run, fence }, look, left);
        // What the other run still has in flight here is cut off and settles first: its journal then says all that it did.
        const key = { run, step: 'admit', direction: 'forward', round: 1, target: '*' } as const;
        const at = { turn: order.turn, attempt: context.info.attempt };
        const sent = { platform: plan.platform, key, fence: at, engine: opened.engine, ...look };
        await deps.executor.execute(engine, sent, async () => undefined);
        const entries = await entriesOf(left);
        const chain = await chainOf(deps, plan.platform, { objectsOf, known: [left], but: run });
        const begun = isOver(entries) ? [] : stepsBegun(chain);
        const outline = runPlan && outlineOf(runPlan, opened.hash as RunHash, lossesFixedIn(chain));
        return {
          by: run,
          objectsOf,
          result: passed(`took over run ${left}: ${standing(entries, begun)}`),
          ...(outline === undefined ? {} : { outline }),
          begun,
        };
      },
      result => ({ result, begun: [] }),
    );

function standing(entries: readonly JournalEntry[], begun: readonly StepName[]): string {
  if (begun.length > 0) return `it had begun ${begun.join(', ')}`;
  const down = stoppedBy(entries);
  if (down.length > 0) return `it captured, and had stopped ${down.join(', ')}: see that they run again`;
  const ended = entries.find(({ fact }) => fact.type === 'ended')?.fact;
  if (ended?.type === 'ended') return `it was ended by run ${ended.by}, which ${ended.outcome}`;
  const closed = entries.find(({ fact }) => fact.type === 'closed')?.fact;
  return closed?.type === 'closed' ? `it had closed as ${closed.outcome}, and left its lock` : 'it had changed nothing';
}

/** Targets that a capture stopped, and never started again. */
function stoppedBy(entries: readonly JournalEntry[]): readonly string[] {
  if (openedIn(entries)?.hash !== '') return [];
  const down = new Set<string>();
  for (const { fact } of entries) {
    // What had only begun may have happened.
    if (fact.type === 'intent' && (fact.effect === 'stop' || fact.effect === 'kill')) down.add(fact.key.target);
    if (fact.type === 'done' && fact.effect === 'start') down.delete(fact.key.target);
  }
  return [...down];
}

/** Nobody here knows what such a run did. Where nothing holds the platform either, it never came to do anything. */
const noJournal = (platform: PlatformName, left: RunId, isClaimed: boolean): DriverError =>
  new DriverError('missing', `run ${left} has no journal on this host: there is nothing to take over from`, {
    next: isClaimed
      ? 'ask the worker whose state directory has its journal'
      : `lastgood run ${platform}   # nothing holds the platform: a new run may start`,
  });

/** What restoring gives up, as it was counted when traffic was shut: whoever completes the run loses it, and says so. */
function lossesFixedIn(chain: readonly JournalEntry[]): readonly Loss[] {
  const events = chain.flatMap(({ fact }) => (fact.type === 'event' ? [fact.facts as RunEvent] : []));
  return events.findLast(event => event.type === 'losses-fixed')?.losses ?? [];
}

/**
 * What closed has nothing left to take back or to finish, but for a run that was held and handed over, and a take-over
 * that was itself refused before it took over anything.
 */
function isOver(entries: readonly JournalEntry[]): boolean {
  if (openedIn(entries)?.onBehalfOf !== undefined && !hasTakenOver(entries)) return false;
  return isEnded(entries);
}

/**
 * What the run began that is taken over, and those that took it over before, in the runbook's order; without those whose
 * undo is on record as passed: taking them back again would stop what
 * already runs as it was found. An undo that had only begun is begun again: it is judged from the engine, not from memory.
 */
function stepsBegun(entries: readonly JournalEntry[]): StepName[] {
  const seen = new Set<string>();
  for (const { fact } of entries) {
    if (fact.type === 'order' && fact.key.direction === 'forward') seen.add(fact.key.step);
    const undone = fact.type === 'event' ? stepUndone(fact.facts as RunEvent) : undefined;
    if (undone !== undefined && isTakenBack(undone)) seen.delete(undone);
  }
  return STEPS.filter(step => step !== 'admit' && seen.has(step));
}

const stepUndone = (event: RunEvent): StepName | undefined =>
  event.type === 'step-ended' && event.direction === 'undo' && event.result.verdict === 'passed'
    ? event.step
    : undefined;

/** Verifying and opening as found are done anew, whoever did them before. */
const isTakenBack = (step: StepName): boolean => step === 'stop-tiers' || step === 'swap-in' || step === 'start-tiers';
