import type { HostDrivers, Look } from '../drivers/contract.ts';
import { DriverError } from '../drivers/errors.ts';
import { chooseData } from '../plan/choose-data.ts';
import { formatFault } from '../plan/faults.ts';
import type { PlatformName, RunHash } from '../plan/ids.ts';
import type { ContainerTarget, Plan, VolumeTarget } from '../plan/plan.ts';
import type { RollbackRequest } from '../plan/rollback-request.ts';
import type { Change, Loss, PlannedTarget, RunOutline, RunPlan, TargetState } from '../plan/run-plan.ts';
import { chooseRelease } from '../policy/choose-release.ts';
import { differences } from '../policy/compare.ts';
import { graphOf, orderFaults, strandedFaults, withDependants } from '../policy/dependants.ts';
import { vanishingFaults } from '../policy/lasting.ts';
import type { ReleaseEntry } from '../releases/ledger.ts';
import { LOOKED_BACK } from '../run/forecast.ts';
import { outlineOf } from '../run/outline.ts';
import type { Deps } from './deps.ts';
import { extraGates, observeAll } from './observe.ts';
import { found } from './session.ts';

export interface Computed {
  readonly runPlan: RunPlan;
  readonly hash: RunHash;
  readonly outline: RunOutline;
  readonly why: string;
}

/** Observes, chooses, and computes what the run will do. Changes nothing. @throws DriverError, `refused` with what to do next */
export async function computeRun(deps: Deps, filed: Plan, request: RollbackRequest, look: Look): Promise<Computed> {
  const plan = withChoices(filed, request);
  const drivers = deps.drivers(plan);
  const engine = await drivers.engine.identify(look);
  const states = await observeAll(plan, drivers, look);
  const gateIds = new Set(extraGates(plan).map(gate => gate.id));
  const now = states.filter(state => !gateIds.has(state.target));
  const releases = await deps.ledger.list(plan.platform);
  const restores = plan.targets.some(target => target.kind === 'docker-volume' && target.data === 'restore');
  const choice = chooseRelease({
    platform: plan.platform,
    asked: request.release,
    newestFirst: releases,
    now,
    restores,
  });
  if ('refused' in choice) throw new DriverError('refused', choice.refused, { next: choice.next });

  const targets = withDependants(
    plan,
    now.map(state => planTarget(plan, state, choice.release)),
    choice.release.targets,
  );
  const faults = [
    ...orderFaults(plan, graphOf(plan, choice.release.targets)),
    ...strandedFaults(plan, now),
    ...vanishingFaults(states),
  ];
  if (faults.length > 0) throw new DriverError('refused', faults.join('; '));
  const runPlan: RunPlan = {
    plan,
    release: choice.release.id,
    engines: Object.fromEntries(plan.hosts.map(host => [host.name, engine])),
    targets,
    gates: states.filter(state => gateIds.has(state.target)),
    lossCeiling: request.lossCeiling ?? 0,
    approval: plan.policy[request.severity],
  };
  const hash = deps.runs.hashOf(runPlan);
  const losses = await countLosses(deps, runPlan, drivers, look);
  const past = await deps.runs.past(plan.platform, LOOKED_BACK);
  const outline = outlineOf(runPlan, hash, losses, past);
  const afterwards = await foretell(deps, runPlan, drivers, look);
  return {
    runPlan,
    hash,
    outline: afterwards.length === 0 ? outline : { ...outline, afterwards },
    why: choice.reason,
  };
}

/** What others would do to what the run puts back, once it is over. */
async function foretell(
  deps: Deps,
  { plan, release, targets }: RunPlan,
  drivers: HostDrivers,
  look: Look,
): Promise<readonly string[]> {
  const containers = plan.targets.filter(
    target => target.kind === 'docker' && targets.some(one => one.target === target.id && one.change === 'changed'),
  ) as ContainerTarget[];
  const put = containers.map(async target => ({
    target,
    from: await deps.ledger.load(plan.platform, release, target.id),
  }));
  return (await drivers.surroundings.foretell?.(await Promise.all(put), look)) ?? [];
}

/** The plan with the request's choices of data in place of its own. */
function withChoices(plan: Plan, request: RollbackRequest): Plan {
  const chosen = chooseData(plan, request.data ?? {});
  if ('plan' in chosen) return chosen.plan;
  throw new DriverError('refused', chosen.faults.map(formatFault).join('; '), {
    next: `lastgood plan ${plan.platform}`,
  });
}

function planTarget(plan: Plan, now: TargetState, entry: ReleaseEntry): PlannedTarget {
  const target = found(
    plan.targets.find(one => one.id === now.target),
    now.target,
  );
  const release = entry.targets.find(state => state.target === now.target);
  if (release === undefined) {
    throw new DriverError('refused', `${target.id}: release ${entry.id} does not hold it, so it cannot be put back`, {
      next: `record a release that holds it, or take it out of the plan`,
    });
  }
  const data = target.kind === 'docker-volume' ? target.data : undefined;
  const change: Change =
    data === 'restore'
      ? 'restored'
      : data === 'keep'
        ? 'kept'
        : differences(release, now).length > 0
          ? 'changed'
          : 'unchanged';
  const base = {
    target: target.id,
    kind: target.kind,
    host: target.host,
    ...(target.tier === undefined ? {} : { tier: target.tier }),
    now,
    change,
    ...(data === undefined ? {} : { data }),
  };
  if (change === 'kept') refuseOtherEngine(plan, entry, release, now);
  if (change !== 'restored') return { ...base, release };
  const snapshot = entry.snapshots[0];
  if (snapshot === undefined) {
    throw new DriverError('refused', `${target.id}: data is to be restored, and release ${entry.id} has no capture`, {
      next: `lastgood release record ${plan.platform} --capture, in the course of a deploy; or keep the data`,
    });
  }
  return { ...base, release: { ...release, label: `snapshot ${snapshot}` }, snapshot };
}

/** The release's engine could not open what another major version wrote: it would be learnt with every tier down. */
function refuseOtherEngine(plan: Plan, entry: ReleaseEntry, then: TargetState, now: TargetState): void {
  if (then.holds === undefined || then.holds === now.holds) return;
  const held = now.holds === undefined ? 'what it holds cannot be told' : `holds ${now.holds}`;
  throw new DriverError(
    'refused',
    `${now.target}: it is to be kept, and ${held} where release ${entry.id} ran on ${then.holds}; nothing was changed`,
    { next: `lastgood plan ${plan.platform} --data ${now.target}=restore, which gives up what was written since` },
  );
}

/** Rows now less rows in the snapshot, for every store that the run replaces. A number that cannot be had refuses the run. */
export async function countLosses(deps: Deps, runPlan: RunPlan, drivers: HostDrivers, look: Look): Promise<Loss[]> {
  const restored = runPlan.targets.filter(target => target.change === 'restored');
  return Promise.all(
    restored.map(async planned => {
      const store = runPlan.plan.targets.find(target => target.id === planned.target) as VolumeTarget;
      const reader = await deps.snapshots(runPlan.plan).open(found(planned.snapshot, `${planned.target}: snapshot`));
      const rowsThen = reader.manifest.rows[planned.target];
      if (store.count === undefined || rowsThen === undefined) {
        throw new DriverError(
          'refused',
          `${planned.target}: snapshot ${planned.snapshot} does not say how many rows it holds, so the loss cannot be told`,
        );
      }
      const rowsNow = await found(drivers.of('docker-volume').countRows, 'count')(store, store.count, look);
      return {
        store: planned.target,
        rowsNow,
        rowsThen,
        lost: Math.max(0, rowsNow - rowsThen),
        since: reader.manifest.takenAt,
      };
    }),
  );
}

export const totalLost = (losses: readonly Loss[]): number => losses.reduce((sum, loss) => sum + loss.lost, 0);

/** @throws DriverError refused, naming the faults */
export async function readPlan(deps: Deps, platform: PlatformName): Promise<Plan> {
  const read = await deps.plans.read(platform);
  if ('plan' in read) return read.plan;
  throw new DriverError('refused', `the plan of ${platform} cannot be used: ${read.faults.slice(0, 5).join('; ')}`, {
    next: `lastgood validate, on the worker's host`,
  });
}
