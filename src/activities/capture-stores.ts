import type { Look } from '../drivers/contract.ts';
import { DriverError } from '../drivers/errors.ts';
import type { TargetId } from '../plan/ids.ts';
import type { ContainerTarget, Plan, VolumeTarget } from '../plan/plan.ts';
import type { TargetState } from '../plan/run-plan.ts';
import { differences } from '../policy/compare.ts';
import type { ReleaseEntry } from '../releases/ledger.ts';
import { passed } from '../run/step.ts';
import { readBack } from './capture.ts';
import type { Recording, RecordOrder } from './contract.ts';
import type { Deps } from './deps.ts';
import { observeAll } from './observe.ts';
import { type Act, type Desk, openDesk, patienceOf } from './record.ts';
import { refusing } from './refusing.ts';
import { found } from './session.ts';

/**
 * In the course of a deploy, with every gate shut: counts the rows, stops what still runs from the top tier down,
 * takes one verified capture of all stores, and starts again what it stopped. The capture belongs to the release that ran until then.
 */
export const captureStores =
  (deps: Deps) =>
  (order: RecordOrder): Promise<Recording> => {
    const patience = patienceOf(order);
    return refusing<Recording>(
      () => patience.until,
      async () => {
        const desk = await openDesk(deps, order, { patience });
        await refuseOpenGates(desk);
        return desk.holding(act => capture(deps, desk, act));
      },
      result => ({ result }),
    );
  };

async function capture(deps: Deps, desk: Desk, act: Act): Promise<Recording> {
  const { plan, drivers, look, run } = desk;
  const journal = await deps.journals.open(plan.platform, run);
  // After the death of a worker what was found first still counts: it may be down by our own hand now.
  const before = journal.entries().find(entry => entry.fact.type === 'found')?.fact;
  const states =
    before?.type === 'found' ? (before.states as readonly TargetState[]) : await observeAll(plan, drivers, look);
  const release = releaseThatRan(plan, await deps.ledger.list(plan.platform), states);
  const stores = plan.targets.filter(target => target.kind === 'docker-volume');
  const earlier = journal.entries().find(entry => entry.fact.type === 'rows')?.fact;
  const rows = earlier?.type === 'rows' ? earlier.rows : await countAll(stores, desk);
  look.signal.throwIfAborted();
  if (before === undefined) await journal.append({ type: 'found', states });
  if (earlier === undefined) await journal.append({ type: 'rows', rows });

  try {
    for (const tier of plan.tiers.toReversed())
      await inTier(plan, tier, target =>
        act(target.id, call =>
          found(drivers.of('docker').stop, 'stop').call(drivers.of('docker'), target, call, false),
        ),
      );
    return await captureOf(deps, desk, release, rows);
  } finally {
    // Whatever failed, and even when not all of it had been stopped.
    for (const tier of plan.tiers) await inTier(plan, tier, target => startAgain(desk, act, target, states));
  }
}

async function captureOf(
  deps: Deps,
  { plan, drivers, look, run }: Desk,
  release: ReleaseEntry,
  rows: Readonly<Record<string, number>>,
): Promise<Recording> {
  const stores = plan.targets.filter(target => target.kind === 'docker-volume');
  const writer = await deps
    .snapshots(plan)
    .create({ platform: plan.platform, release: release.id, run, consistency: 'stopped' });
  try {
    await Promise.all(
      stores.map(store =>
        found(drivers.of('docker-volume').capture, 'capture').call(drivers.of('docker-volume'), store, look, writer),
      ),
    );
    const facts = { rows: rows as Readonly<Record<TargetId, number>>, notes: ['taken in the course of a deploy'] };
    const manifest = await writer.publish(facts, readBack(look));
    const entry = await deps.ledger.attach(plan.platform, release.id, manifest.id);
    return {
      result: passed(`captured ${stores.length} stores of ${release.id} as ${manifest.id}, read back: ${told(rows)}`),
      release: entry,
    };
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

const told = (rows: Readonly<Record<string, number>>): string =>
  Object.entries(rows)
    .map(([store, count]) => `${store} ${count} rows`)
    .join(', ') || 'no rows could be counted';

const startAgain = (
  desk: Desk,
  act: Act,
  target: ContainerTarget,
  states: readonly TargetState[],
): Promise<unknown> => {
  const driver = desk.drivers.of('docker');
  const as = found(
    states.find(state => state.target === target.id),
    target.id,
  );
  return act(target.id, call => found(driver.start, 'start').call(driver, target, call, as));
};

/** Waits for all of a tier, whatever becomes of one: what comes next may undo it. */
async function inTier(plan: Plan, tier: string, verb: (target: ContainerTarget) => Promise<unknown>): Promise<void> {
  const done = await Promise.allSettled(
    plan.targets
      .filter(target => target.kind === 'docker' && target.tier === tier)
      .map(target => verb(target as ContainerTarget)),
  );
  const failure = done.find(one => one.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
}

async function refuseOpenGates({ plan, drivers, look }: Desk): Promise<void> {
  for (const gate of plan.gates) {
    const seen = await drivers.gate.isShut(gate, look);
    if (seen.verdict === 'passed') continue;
    throw new DriverError(
      'refused',
      `gate ${gate.name} is not shut (${seen.reason}): a capture under traffic would lose what is written meanwhile; nothing was changed`,
      {
        next: 'shut the gate as your deploy does, then capture',
      },
    );
  }
}

/** A release whose containers are what stands here, whether they run or not. */
function releaseThatRan(plan: Plan, releases: readonly ReleaseEntry[], states: readonly TargetState[]): ReleaseEntry {
  const ran = releases.find(
    entry =>
      entry.origin === 'record' &&
      entry.targets.every(target => {
        const live = states.find(state => state.target === target.target);
        return (
          live !== undefined &&
          differences({ ...target, restartPolicy: '' }, { ...live, restartPolicy: '' }).length === 0
        );
      }),
  );
  if (ran === undefined) {
    throw new DriverError(
      'refused',
      'what stands here is no recorded release, so a capture would belong to none; nothing was changed',
      {
        next: `lastgood release record ${plan.platform}, before the deploy`,
      },
    );
  }
  return ran;
}

/** A store whose engine is down already cannot be counted by it, and is left out: it can be kept, never restored with a known loss. */
async function countAll(
  stores: readonly VolumeTarget[],
  { drivers, look }: { drivers: Desk['drivers']; look: Look },
): Promise<Record<string, number>> {
  const rows: Record<string, number> = {};
  await Promise.all(
    stores.map(async store => {
      if (store.count === undefined) return;
      const driver = drivers.of('docker-volume');
      const count = await found(driver.countRows, 'count')
        .call(driver, store, store.count, look)
        .catch(error => {
          // Given up, and not past counting: without its rows the capture could never be restored.
          if (look.signal.aborted) throw error;
          return undefined;
        });
      if (count !== undefined) rows[store.id] = count;
    }),
  );
  return rows;
}
