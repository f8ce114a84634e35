import { Context } from '@temporalio/activity';
import type { Look } from '../drivers/contract.ts';
import { DriverError } from '../drivers/errors.ts';
import type { Journal } from '../executor/contract.ts';
import type { PlatformName, RunHash, RunId } from '../plan/ids.ts';
import type { VolumeTarget } from '../plan/plan.ts';
import type { RunPlan } from '../plan/run-plan.ts';
import { failed, passed, type StepResult } from '../run/step.ts';
import { readBack } from './capture.ts';
import type { WatchOrder } from './contract.ts';
import type { Deps } from './deps.ts';
import { openedIn } from './journal-facts.ts';
import { refusing } from './refusing.ts';
import { found, lookOf } from './session.ts';

/**
 * The stores that a run replaced lie beside the live ones: they are exported, and the export is read back. Of this run,
 * and of every earlier one that is not settled: its own watch may have handed over before it came to that.
 */
export const exportOutgoing =
  (deps: Deps) =>
  (order: WatchOrder): Promise<StepResult> =>
    refusing(
      order.until,
      async () => {
        const look = lookOf(Context.current());
        const runs = new Set([order.run, ...(await deps.journals.findUnsettled(order.platform))]);
        const done: string[] = [];
        const failures: { readonly why: string; readonly next: string | undefined }[] = [];
        for (const run of runs) {
          try {
            done.push(`run ${run}: ${await exportOf(deps, order.platform, run, look)}`);
          } catch (error) {
            // What one run lacks must not keep another's undo lying about.
            if (look.signal.aborted || !(error instanceof DriverError) || error.kind === 'unavailable') throw error;
            failures.push({ why: `run ${run}: ${error.message}`, next: error.next });
          }
        }
        if (failures.length === 0) return passed(done.join('; '));
        return failed(failures.map(({ why }) => why).join('; '), failures.find(({ next }) => next !== undefined)?.next);
      },
      result => result,
    );

async function exportOf(deps: Deps, platform: PlatformName, run: RunId, look: Look): Promise<string> {
  const journal = await deps.journals.open(platform, run);
  const hash = openedIn(journal.entries())?.hash ?? '';
  // A recording replaces nothing.
  if (hash === '') return 'nothing was replaced';
  const runPlan = await deps.runs.load(hash as RunHash);
  const replaced = replacedBy(runPlan);
  if (replaced.length === 0) return 'no store was replaced';
  const already = exportIn(journal);
  if (already !== undefined) return `exported already as ${already}`;

  const { plan } = runPlan;
  const kept = keptUnder(journal, run);
  const driver = deps.drivers(plan).of('docker-volume');
  await refuseWithoutRoom(deps, runPlan, kept, look);
  const writer = await deps.snapshots(plan).create({ platform, release: runPlan.release, run, consistency: 'stopped' });
  try {
    for (const store of replaced) await found(driver.exportOutgoing, 'export').call(driver, store, kept, look, writer);
    const manifest = await writer.publish({ rows: {}, notes: [`what run ${run} replaced`] }, readBack(look));
    await journal.append({ type: 'captured', snapshot: manifest.id, digest: manifest.digest, of: 'outgoing' });
    return `exported ${replaced.length} stores as ${manifest.id}, read back`;
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

export const replacedBy = ({ plan, targets }: RunPlan): readonly VolumeTarget[] =>
  plan.targets.filter(
    (target): target is VolumeTarget =>
      target.kind === 'docker-volume' && targets.some(one => one.target === target.id && one.change === 'restored'),
  );

/** A store that is filled to the brim again at each try may take what else lies on that disk down with it. */
async function refuseWithoutRoom(deps: Deps, runPlan: RunPlan, kept: RunId, look: Look): Promise<void> {
  const { plan } = runPlan;
  const free = await deps.snapshots(plan).free();
  if (free === undefined) return;
  const driver = deps.drivers(plan).of('docker-volume');
  const sizes = await Promise.all(
    replacedBy(runPlan).map(store => found(driver.size, 'size').call(driver, store, look, kept)),
  );
  const needed = sizes.reduce((sum, size) => sum + size, 0);
  if (needed > free)
    throw new DriverError(
      'refused',
      `the export of what it replaced may take ${needed} bytes, and the snapshot store ${plan.snapshots.store} has ${free} free`,
      { next: `free ${needed - free} bytes in ${plan.snapshots.store}; the export is then tried again by itself` },
    );
}

/** The export of what the run replaced. A capture of what it kept is another thing. */
export function exportIn(journal: Journal): string | undefined {
  const fact = journal
    .entries()
    .findLast(entry => entry.fact.type === 'captured' && entry.fact.of === 'outgoing')?.fact;
  return fact?.type === 'captured' ? fact.snapshot : undefined;
}

/** Whose name what undo kept has: a run that took over another finished that one's work. */
export const keptUnder = (journal: Journal, run: RunId): RunId => openedIn(journal.entries())?.onBehalfOf ?? run;
