import type { HostName, RunHash } from '../plan/ids.ts';
import {
  isSwapped,
  type Loss,
  type OutlineChange,
  type PlannedTarget,
  type RunOutline,
  type RunPlan,
} from '../plan/run-plan.ts';
import { forecastOf, type PastRun } from './forecast.ts';

/** What the workflow and people need of a RunPlan: order, changes, budgets. `past`: the newest runs that completed. Pure. */
export function outlineOf(
  runPlan: RunPlan,
  hash: RunHash,
  losses: readonly Loss[],
  past: readonly PastRun[] = [],
): RunOutline {
  const { plan } = runPlan;
  const inTier = (tier: string): PlannedTarget[] =>
    runPlan.targets.filter(target => target.kind === 'docker' && target.tier === tier);
  return {
    platform: plan.platform,
    hash,
    release: runPlan.release,
    host: plan.hosts[0]?.name ?? ('main' as HostName),
    tiers: plan.tiers.map(tier => ({ tier, targets: inTier(tier).map(target => target.target) })),
    swapped: runPlan.targets.filter(isSwapped).map(target => target.target),
    captured: runPlan.targets.filter(target => target.change === 'kept').map(target => target.target),
    gates: plan.gates.map(gate => gate.name),
    changes: runPlan.targets.map(changeOf),
    losses,
    lossCeiling: runPlan.lossCeiling,
    forecast: forecastOf(runPlan, past),
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
