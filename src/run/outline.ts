import { ofMilliseconds } from '../plan/duration.ts';
import type { HostName, RunHash } from '../plan/ids.ts';
import type { Forecast, Loss, OutlineChange, PlannedTarget, RunOutline, RunPlan } from '../plan/run-plan.ts';

/** What the workflow and people need of a RunPlan: order, changes, budgets. Pure. */
export function outlineOf(runPlan: RunPlan, hash: RunHash, losses: readonly Loss[]): RunOutline {
  const { plan } = runPlan;
  const inTier = (tier: string): PlannedTarget[] =>
    runPlan.targets.filter(target => target.kind === 'docker' && target.tier === tier);
  return {
    platform: plan.platform,
    hash,
    release: runPlan.release,
    host: plan.hosts[0]?.name ?? ('main' as HostName),
    tiers: plan.tiers.map(tier => ({ tier, targets: inTier(tier).map(target => target.target) })),
    swapped: runPlan.targets
      .filter(target => target.change === 'changed' || target.change === 'restored')
      .map(target => target.target),
    captured: runPlan.targets.filter(target => target.change === 'kept').map(target => target.target),
    gates: plan.gates.map(gate => gate.name),
    changes: runPlan.targets.map(changeOf),
    losses,
    lossCeiling: runPlan.lossCeiling,
    forecast: forecastOf(runPlan),
    budgets: plan.budgets,
    approval: runPlan.approval,
    onFailure: plan.onFailure,
    afterRevert: plan.afterRevert,
    escalation: plan.escalation,
    aftercare: plan.aftercare,
  };
}

const changeOf = (planned: PlannedTarget): OutlineChange => ({
  target: planned.target,
  ...(planned.tier === undefined ? {} : { tier: planned.tier }),
  kind: planned.kind,
  change: planned.change,
  from: planned.now.label,
  to: planned.release.label,
  ...(planned.because === undefined ? {} : { because: planned.because }),
});

/** Rough, from what one container and one tier cost; a measured forecast takes its place once runs are on record. */
function forecastOf({ plan, targets }: RunPlan): Forecast {
  const containers = targets.filter(target => target.kind === 'docker').length;
  const outage = 1_000 + plan.tiers.length * 1_200 + containers * 250 + plan.verify.window;
  return {
    outage: ofMilliseconds(outage),
    total: ofMilliseconds(outage + 2_000 + containers * 120),
    from: 'estimated',
  };
}
