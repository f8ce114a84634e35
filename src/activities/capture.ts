import type { Look } from '../drivers/contract.ts';
import { DriverError } from '../drivers/errors.ts';
import type { JournalEntry } from '../executor/contract.ts';
import type { SnapshotId, TargetId } from '../plan/ids.ts';
import type { VolumeTarget } from '../plan/plan.ts';
import { failed, passed, type StepResult } from '../run/step.ts';
import type { SnapshotWriter } from '../snapshots/store.ts';
import { countLosses, totalLost } from './compute.ts';
import type { LiveCaptured, StepOrder } from './contract.ts';
import type { Deps } from './deps.ts';
import { inTime, refusing } from './refusing.ts';
import { rowsAtFreeze } from './rows.ts';
import { each, found, openSession, type Session } from './session.ts';
import { findOpened, whileShut } from './while-shut.ts';

/** Counts every store now that nobody writes: the loss is fixed here, and above the ceiling the run goes no further. */
export const captureLive =
  (deps: Deps) =>
  (sent: StepOrder): Promise<LiveCaptured> => {
    const order = inTime(sent);
    return refusing(
      order.until,
      async () => {
        const s = await openSession(deps, order);
        const opened = await findOpened(s);
        return opened === undefined ? fixLoss(s) : { result: opened, losses: [] };
      },
      result => ({ result, losses: [] }),
    );
  };

async function fixLoss(s: Session): Promise<LiveCaptured> {
  const rows = await countStores(s);
  // A count that was given up is no count: it is the next attempt's, or the step fails.
  s.look.signal.throwIfAborted();
  await s.journal.append({ type: 'rows', rows });
  const losses = await countLosses(s.deps, s.runPlan, s.drivers, s.look);
  const [lost, ceiling] = [totalLost(losses), s.runPlan.lossCeiling];
  const counted = Object.entries(rows).map(([store, count]) => `${store} ${count} rows`);
  if (lost > ceiling) {
    return {
      result: failed(
        `${lost} rows would be lost and ${ceiling} were accepted; nothing is replaced`,
        `lastgood run ${s.plan.platform} --accept-loss ${lost}`,
      ),
      losses,
    };
  }
  return {
    result: passed(`${counted.join(', ') || 'no store is counted'}; ${lost} lost of ${ceiling} accepted`),
    losses,
  };
}

/** A store that is only kept may be past counting (it is why one rolls back); one that is replaced may not. */
async function countStores(s: Session): Promise<Record<TargetId, number>> {
  const before = await rowsAtFreeze(s);
  const rows: Record<TargetId, number> = {};
  await Promise.all(
    s.plan.targets.map(async target => {
      if (target.kind !== 'docker-volume' || target.count === undefined) return;
      const driver = s.drivers.of('docker-volume');
      try {
        rows[target.id] = await found(driver.countRows, 'count').call(driver, target, target.count, s.look);
      } catch (error) {
        if (s.look.signal.aborted || s.planned(target.id).change === 'restored') throw error;
        // It was counted once, and was started again to be counted anew: it may not answer yet.
        if (before[target.id] !== undefined && error instanceof DriverError && error.kind === 'unavailable')
          throw error;
      }
    }),
  );
  return rows;
}

/** One snapshot of all stores, taken while no running container mounts them; published once it was read back. */
export const captureStopped =
  (deps: Deps) =>
  (order: StepOrder): Promise<StepResult> =>
    whileShut(deps, order, async s => {
      const stores = order.targets.map(id => s.target(id) as VolumeTarget);
      const taken = await captureAll(s, stores, await rowsAtFreeze(s), `before ${s.runPlan.release}`);
      return taken.result;
    });

/** Reading a capture back is progress too. */
export const readBack = (look: Look) => ({
  signal: look.signal,
  progress: (bytes: number) => look.progress({ current: 'reading back', done: bytes }),
});

/** A capture that fails leaves nothing behind. Once published its id is in the journal, so that another try finds it. */
export async function captureAll(
  s: Session,
  stores: readonly VolumeTarget[],
  rows: Readonly<Record<string, number>>,
  what: string,
): Promise<{ result: StepResult; snapshot?: SnapshotId }> {
  const before = publishedAlready(s) ?? (await publishedUnheard(s, stores));
  if (before !== undefined) return { result: passed(`captured already as ${before}`), snapshot: before };
  const writer = await s.deps
    .snapshots(s.plan)
    .create({ platform: s.plan.platform, release: s.runPlan.release, run: s.run, consistency: 'stopped' });
  try {
    const taken = await each(
      s,
      stores,
      store => store.id,
      async (store, note) => {
        const driver = s.drivers.of('docker-volume');
        await found(driver.capture, 'capture').call(driver, store, s.look, writer);
        return note(`captured ${what}`);
      },
    );
    if (taken.verdict !== 'passed') return await discard(writer, taken);
    const manifest = await writer.publish(
      { rows: rows as Readonly<Record<TargetId, number>>, notes: [what] },
      readBack(s.look),
    );
    await s.journal.append({ type: 'captured', snapshot: manifest.id, digest: manifest.digest });
    const bytes = manifest.artifacts.reduce((sum, artifact) => sum + artifact.rawBytes, 0);
    return {
      result: {
        ...taken,
        reason: `${stores.length} stores, ${Math.round(bytes / 1_048_576)} MiB, read back as ${manifest.id}`,
      },
      snapshot: manifest.id,
    };
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

async function discard(writer: SnapshotWriter, result: StepResult): Promise<{ result: StepResult }> {
  await writer.discard();
  return { result };
}

/** A round begins anew after a failure or a decision: only what was captured in this turn's round counts. */
function publishedAlready(s: Session): SnapshotId | undefined {
  const fact = sinceRoundBegan(s).findLast(entry => entry.fact.type === 'captured')?.fact;
  return fact?.type === 'captured' ? (fact.snapshot as SnapshotId) : undefined;
}

/** An attempt that died between publishing and its journal's line left a whole capture behind: it is taken, not made again. */
async function publishedUnheard(s: Session, stores: readonly VolumeTarget[]): Promise<SnapshotId | undefined> {
  const began = sinceRoundBegan(s)[0]?.at;
  const { snapshots } = await s.deps.snapshots(s.plan).list(s.plan.platform);
  const left = snapshots.find(
    ({ run, takenAt, artifacts }) =>
      run === s.run &&
      began !== undefined &&
      takenAt >= began &&
      stores.every(store => artifacts.some(({ name }) => name === store.id)),
  );
  if (left === undefined) return undefined;
  await s.journal.append({ type: 'captured', snapshot: left.id, digest: left.digest });
  return left.id;
}

/** The entry of the step's beginning, and all behind it. */
function sinceRoundBegan(s: Session): readonly JournalEntry[] {
  const entries = s.journal.entries();
  const began = entries.findLastIndex(({ fact }) => fact.type === 'event' && fact.what === 'step-began');
  return began < 0 ? [] : entries.slice(began);
}
