import { Context } from '@temporalio/activity';
import { DriverError } from '../drivers/errors.ts';
import type { RunHash, RunId } from '../plan/ids.ts';
import { isSwapped } from '../plan/run-plan.ts';
import { worseThan } from '../policy/baseline.ts';
import { failed, passed, type StepResult } from '../run/step.ts';
import type { Watched, WatchOrder } from './contract.ts';
import type { Deps } from './deps.ts';
import { exportIn, keptUnder, replacedBy } from './export-outgoing.ts';
import { openedIn } from './journal-facts.ts';
import { findLeft } from './left-behind.ts';
import { probeEverything } from './probing.ts';
import { openDesk } from './record.ts';
import { refusing } from './refusing.ts';
import { each, found, lookOf } from './session.ts';
import { mustBeRecorded } from './set-aside.ts';

/** Every probe again, against the samples of when the release earned good. */
export const compareWithBaseline =
  (deps: Deps) =>
  async (order: WatchOrder): Promise<Watched> => {
    const look = lookOf(Context.current());
    const { plan, release } = await deps.runs.load(order.hash);
    const entry = await deps.ledger.find(plan.platform, release);
    const probed = await probeEverything(plan, deps.drivers(plan), look);
    // What was cut off by its worker's stop is no sample.
    look.signal.throwIfAborted();
    const asked = probed.map(({ sample, evidence }) => ({
      ...sample,
      passed: evidence.verdict === 'passed',
      reason: evidence.reason,
    }));
    return {
      worse: worseThan(entry?.good?.samples ?? [], asked)
        .slice(0, 5)
        .join('; '),
      tell: plan.escalation[0]?.tell ?? [],
    };
  };

/**
 * Takes the lock and drops what undo kept: of this run, and of earlier ones whose watch handed over before it settled.
 * After it there is no way back but another run.
 */
export const settle =
  (deps: Deps) =>
  (order: WatchOrder): Promise<StepResult> =>
    refusing(
      order.until,
      async () => {
        const look = lookOf(Context.current());
        const { plan } = await deps.runs.load(order.hash);
        // Whoever is half-way on this platform ends first. So does the run that is watched, when it has not closed yet.
        const left = await findLeft(deps, order.platform, deps.drivers(plan).engine, look);
        if (left !== undefined) throw left.refusal;
        const runs = await deps.journals.findUnsettled(order.platform);
        const failures: { readonly run: RunId; readonly result: StepResult }[] = [];
        for (const run of runs) {
          // One that cannot be settled must not keep another's undo lying about.
          const result = await settleOne(deps, order, run).catch(error => {
            if (look.signal.aborted || !(error instanceof DriverError) || error.kind === 'unavailable') throw error;
            return failed(error.message, error.next);
          });
          if (result.verdict !== 'passed') failures.push({ run, result });
        }
        const worst = failures[0]?.result;
        if (worst === undefined) return passed(`settled ${runs.length} runs`);
        return { ...worst, reason: failures.map(({ run, result }) => `run ${run}: ${toldOf(result)}`).join('; ') };
      },
      result => result,
    );

/** Whoever hears why it is kept hears what to do about it. */
const toldOf = ({ reason, next }: StepResult): string => (next === undefined ? reason : `${reason}: ${next}`);

async function settleOne(deps: Deps, order: WatchOrder, run: RunId): Promise<StepResult> {
  const journal = await deps.journals.open(order.platform, run);
  const opened = openedIn(journal.entries());
  // A recording swaps nothing.
  if (opened === undefined || opened.hash === '') return passed('nothing was kept');
  const runPlan = await deps.runs.load(opened.hash as RunHash);
  const { plan, targets } = runPlan;
  if (exportIn(journal) === undefined && replacedBy(runPlan).length > 0)
    return failed('the stores it replaced are not exported and read back: nothing is dropped');
  const request = { platform: plan.platform, by: 'aftercare', what: 'record' as const, capture: false };
  const desk = await openDesk(
    deps,
    { ...order, answered: order.until, request },
    { onBehalfOf: keptUnder(journal, run), planned: plan },
  );
  if (desk.engine !== runPlan.engines[order.host])
    return failed(`another engine than the one that it ran on answers (${desk.engine}): nothing is dropped`);
  const swapped = targets.filter(isSwapped);
  const result = await desk.holding(act =>
    each(
      { order, look: desk.look },
      swapped,
      one => one.target,
      async (one, note) => {
        const target = found(
          plan.targets.find(candidate => candidate.id === one.target),
          one.target,
        );
        const driver = desk.drivers.of(target.kind);
        const changed = await act(target.id, async call => {
          await mustBeRecorded({ deps, plan, drivers: desk.drivers, objectsOf: call.run, look: desk.look }, target);
          return found(driver.settle, 'settle').call(driver, target as never, call);
        });
        return note(changed.note);
      },
    ),
  );
  if (result.verdict === 'passed') await journal.append({ type: 'settled' });
  return result;
}
