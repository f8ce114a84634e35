import type { OutlineTier } from '../../plan/run-plan.ts';
import { besidesOf, passed, type StepResult } from '../../run/step.ts';
import type { Run } from '../run.ts';
import { step } from '../send.ts';

type TierActivity = 'stopTier' | 'startTier' | 'startTierAsFound';

/** Stops the tiers from the top down, each in parallel, with grace. */
export const stopTiersTopDown = (run: Run): Promise<StepResult> =>
  eachTier(run, 'stop', 'stopTier', tiersOf(run).toReversed());

/** Starts what was found running, from the bottom up, with the restart policies it had. */
export const startTiersAsFound = (run: Run): Promise<StepResult> =>
  eachTier(run, 'start as found', 'startTierAsFound', tiersOf(run));

/** One tier after the other; the first that does not pass ends it. */
export async function eachTier(
  run: Run,
  verb: string,
  name: TierActivity,
  tiers: readonly OutlineTier[],
): Promise<StepResult> {
  const notes: StepResult['targets'][number][] = [];
  for (const tier of tiers) {
    const summary = `${verb} ${tier.tier} · ${tier.targets.length} services`;
    run.note({ type: 'part-began', part: summary, tier: tier.tier });
    const result = await step(run, summary, name, { tier });
    if (result.verdict !== 'passed') {
      const reason = `${tier.tier}: ${result.reason}${besidesOf(notes)}`;
      return { ...result, reason, targets: [...notes, ...result.targets] };
    }
    notes.push(...result.targets);
  }
  return passed(`${verb}: ${tiers.length} tiers, ${notes.length} services${besidesOf(notes)}`, notes);
}

export const tiersOf = (run: Run): readonly OutlineTier[] => run.outline!.tiers.filter(tier => tier.targets.length > 0);
