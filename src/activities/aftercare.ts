import { Context } from '@temporalio/activity';
import type { Journal } from '../executor/contract.ts';
import type { RunHash, RunId } from '../plan/ids.ts';
import type { VolumeTarget } from '../plan/plan.ts';
import { worseThan } from '../policy/baseline.ts';
import { failed, passed, type StepResult } from '../run/step.ts';
import { readBack } from './capture.ts';
import type { Watched, WatchOrder } from './contract.ts';
import type { Deps } from './deps.ts';
import { probeEverything } from './probing.ts';
import { openDesk } from './record.ts';
import { refusing } from './refusing.ts';
import { each, found, lookOf } from './session.ts';

/** Every probe again, against the samples of when the release earned good. */
export const compareWithBaseline =
  (deps: Deps) =>
  async (order: WatchOrder): Promise<Watched> => {
    const look = lookOf(Context.current());
    const { plan, release } = await deps.runs.load(order.hash);
    const entry = await deps.ledger.find(plan.platform, release);
    const probed = await probeEverything(plan, deps.drivers(plan), look);
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

/** The stores that the run replaced lie beside the live ones: they are exported, and the export is read back. */
export const exportOutgoing =
  (deps: Deps) =>
  (order: WatchOrder): Promise<StepResult> =>
    refusing(
      order.until,
      async () => {
        const look = lookOf(Context.current());
        const runPlan = await deps.runs.load(order.hash);
        const { plan } = runPlan;
        const journal = await deps.journals.open(plan.platform, order.run);
        const replaced = plan.targets.filter(
          (target): target is VolumeTarget =>
            target.kind === 'docker-volume' &&
            runPlan.targets.some(one => one.target === target.id && one.change === 'restored'),
        );
        if (replaced.length === 0) return passed('the run replaced no store');
        const already = exportIn(journal);
        if (already !== undefined) return passed(`exported already as ${already}`);
        const kept = keptUnder(journal, order.run);
        const writer = await deps
          .snapshots(plan)
          .create({ platform: plan.platform, release: runPlan.release, run: order.run, consistency: 'stopped' });
        try {
          const driver = deps.drivers(plan).of('docker-volume');
          for (const store of replaced)
            await found(driver.exportOutgoing, 'export').call(driver, store, kept, look, writer);
          const manifest = await writer.publish(
            { rows: {}, notes: [`what run ${order.run} replaced`] },
            readBack(look),
          );
          await journal.append({ type: 'captured', snapshot: manifest.id, digest: manifest.digest, of: 'outgoing' });
          return passed(`exported ${replaced.length} stores as ${manifest.id}, read back`);
        } catch (error) {
          await writer.discard();
          throw error;
        }
      },
      result => result,
    );

/** The export of what the run replaced. A capture of what it kept is another thing. */
function exportIn(journal: Journal): string | undefined {
  const fact = journal
    .entries()
    .findLast(entry => entry.fact.type === 'captured' && entry.fact.of === 'outgoing')?.fact;
  return fact?.type === 'captured' ? fact.snapshot : undefined;
}

/** Whose name what undo kept has: a run that took over another finished that one's work. */
function keptUnder(journal: Journal, run: RunId): RunId {
  const fact = journal.entries().find(entry => entry.fact.type === 'opened')?.fact;
  return (fact?.type === 'opened' ? fact.onBehalfOf : undefined) ?? run;
}

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
        const runs = await deps.journals.findUnsettled(order.platform);
        let result = passed('nothing was kept');
        for (const run of runs) {
          result = await settleOne(deps, order, run);
          if (result.verdict !== 'passed') return result;
        }
        return { ...result, reason: `settled ${runs.length} runs: ${result.reason}` };
      },
      result => result,
    );

async function settleOne(deps: Deps, order: WatchOrder, run: RunId): Promise<StepResult> {
  const journal = await deps.journals.open(order.platform, run);
  const opened = journal.entries().find(entry => entry.fact.type === 'opened')?.fact;
  // A recording swaps nothing.
  if (opened?.type !== 'opened' || opened.hash === '') return passed('nothing was kept');
  const { plan, targets } = await deps.runs.load(opened.hash as RunHash);
  if (exportIn(journal) === undefined && targets.some(target => target.change === 'restored')) {
    return failed(`run ${run}: the stores it replaced are not exported and read back: nothing is dropped`);
  }
  const request = { platform: plan.platform, by: 'aftercare', what: 'record' as const, capture: false };
  const desk = await openDesk(
    deps,
    { ...order, answered: order.until, request },
    { onBehalfOf: keptUnder(journal, run) },
  );
  const swapped = targets.filter(target => target.change === 'changed' || target.change === 'restored');
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
        const changed = await act(target.id, call =>
          found(driver.settle, 'settle').call(driver, target as never, call),
        );
        return note(changed.note);
      },
    ),
  );
  if (result.verdict === 'passed') await journal.append({ type: 'settled' });
  return result;
}
