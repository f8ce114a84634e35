import { Context } from '@temporalio/activity';
import type { Look } from '../drivers/contract.ts';
import { DriverError } from '../drivers/errors.ts';
import type { RunId } from '../plan/ids.ts';
import type { Plan } from '../plan/plan.ts';
import { passed } from '../run/step.ts';
import { canBeStaged } from './can-stage.ts';
import { type Computed, computeRun, readPlan, totalLost } from './compute.ts';
import type { Admission, AdmitOrder } from './contract.ts';
import type { Deps } from './deps.ts';
import { findInTheWay } from './left-behind.ts';
import { refusing } from './refusing.ts';
import { lookOf } from './session.ts';

/** Computes the run and refuses what cannot succeed; a run that is not a survey then claims the platform and opens its journal. */
export const admit =
  (deps: Deps) =>
  (order: AdmitOrder): Promise<Admission> => {
    let people: Plan['escalation'] | undefined;
    return refusing<Admission>(
      order.until,
      async () => {
        const context = Context.current();
        const look = lookOf(context);
        const { request } = order;
        const plan = await readPlan(deps, request.platform);
        const drivers = deps.drivers(plan);
        const mustBeFree = async (): Promise<void> => {
          const found = await findInTheWay(deps, plan.platform, drivers.engine, look, order.until);
          if (found === undefined) return;
          // Traffic may be shut, and nobody be at work: the next to come says so to those who can act.
          if (found.isOpen && !order.survey) people = plan.escalation;
          throw found.refusal;
        };
        // First of all: what is half-way says nothing true about what stands here.
        await mustBeFree();
        const computed = await computeRun(deps, plan, request, look);
        await refuseWhatCannotSucceed(deps, computed, order, look);
        const run = context.info.workflowExecution?.runId as RunId;
        if (!order.survey) {
          await deps.runs.keep(computed.runPlan);
          const journal = await deps.journals.open(plan.platform, run);
          const engine = Object.values(computed.runPlan.engines)[0]!;
          // Stands once: another try that computes another run is refused here, for what is approved may not move.
          // Before the claim: a run that is lost between the two can be taken over, a claim without a journal cannot.
          await journal.append({ type: 'opened', platform: plan.platform, run, engine, hash: computed.hash });
          await drivers.engine.claim({ platform: plan.platform, run, fence: 1 }, look).catch(async error => {
            await mustBeFree().catch(async refusal => {
              const owner = await drivers.engine.findOwner(plan.platform, look);
              // Nothing of this run is left to be ended then, and its workflow may be gone, which else closes its journal.
              const isAnothers = owner !== undefined && owner.run !== run;
              if (isAnothers && refusal instanceof DriverError && refusal.kind === 'refused')
                await journal.append({ type: 'closed', outcome: 'refused' });
              throw refusal;
            });
            throw error;
          });
        }
        const changed = computed.outline.swapped.length;
        return {
          verdict: 'passed',
          outline: computed.outline,
          ...(order.survey ? {} : { by: run }),
          result: passed(
            `${plan.platform} -> ${computed.outline.release} (${computed.why}): ${changed} of ${computed.outline.changes.length} targets change`,
          ),
        };
      },
      result => ({ verdict: 'failed', result, ...(people === undefined ? {} : { people }) }),
    );
  };

async function refuseWhatCannotSucceed(
  deps: Deps,
  { runPlan, hash, outline }: Computed,
  order: AdmitOrder,
  look: Look,
): Promise<void> {
  const { plan } = runPlan;
  const drivers = deps.drivers(plan);
  const { expect } = order.request;
  if (expect !== undefined && !(expect.length >= 8 && hash.startsWith(expect))) {
    throw new DriverError(
      'refused',
      `the live state or the plan has moved: expected run hash ${expect.slice(0, 12)}, computed ${hash.slice(0, 12)}`,
      {
        next: `lastgood plan ${plan.platform}   # read what it would do now`,
      },
    );
  }
  const lost = totalLost(outline.losses);
  if (!order.survey && lost > runPlan.lossCeiling) {
    const parts = outline.losses.map(
      loss => `${loss.store} ${loss.rowsNow} now - ${loss.rowsThen} in the snapshot = ${loss.lost}`,
    );
    throw new DriverError(
      'refused',
      `restoring would lose ${lost} rows and ${runPlan.lossCeiling} are accepted: ${parts.join(', ')}`,
      {
        next: `lastgood run ${plan.platform} --accept-loss ${lost}, or keep the data`,
      },
    );
  }
  const strangers = await drivers.surroundings.findStrangers(look);
  if (strangers.length > 0)
    throw new DriverError('refused', strangers.join('; '), { next: 'stop them, or accept them by name in the plan' });
  await canBeStaged(deps, runPlan, look);
}
