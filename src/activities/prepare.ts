import { beforeRelease } from '../plan/ids.ts';
import type { TargetState } from '../plan/run-plan.ts';
import { moved } from '../policy/compare.ts';
import { failed, type StepResult } from '../run/step.ts';
import { recordedOf } from './can-stage.ts';
import type { StepOrder } from './contract.ts';
import type { Deps } from './deps.ts';
import { eachTarget } from './each-target.ts';
import { observeAll } from './observe.ts';
import { inSession } from './refusing.ts';
import { each, found, resultOf, type Session } from './session.ts';

/** Records the outgoing state as a release, and makes the release's objects beside the live ones. */
export const stageRelease =
  (deps: Deps) =>
  (order: StepOrder): Promise<StepResult> =>
    inSession(deps, order, async s => {
      await recordOutgoing(s);
      return each(
        s,
        order.targets,
        id => id,
        async (id, note) => {
          const target = s.target(id);
          const planned = s.planned(id);
          const driver = s.drivers.of(target.kind);
          const from = await recordedOf(deps, s.runPlan, planned);
          const snapshot =
            planned.snapshot === undefined ? undefined : await deps.snapshots(s.plan).open(planned.snapshot);
          const changed = await s.act(id, call =>
            found(driver.stage, 'stage').call(driver, target as never, from, call, snapshot),
          );
          return note(changed.note);
        },
      );
    });

/** Once: what an attempt that died staged lies beside the live objects by now, and may show in what is recorded of them. */
async function recordOutgoing(s: Session): Promise<void> {
  const id = beforeRelease(s.run);
  if ((await s.deps.ledger.find(s.plan.platform, id)) !== undefined) return;
  const targets = await Promise.all(
    s.plan.targets.map(target => s.drivers.of(target.kind).record(target as never, s.look)),
  );
  await s.deps.ledger.add({ platform: s.plan.platform, id, origin: 'run', by: `run ${s.run}`, targets });
}

export const dropStaged =
  (deps: Deps) =>
  (order: StepOrder): Promise<StepResult> =>
    eachTarget(deps, order, (s, target, call) => {
      const driver = s.drivers.of(target.kind);
      return found(driver.drop, 'drop').call(driver, target as never, call);
    });

/** The live state against the approved one; what is found is what a revert will be measured against. */
export const recheckPlatform =
  (deps: Deps) =>
  (order: StepOrder): Promise<StepResult> =>
    inSession(deps, order, recheck);

async function recheck(s: Session): Promise<StepResult> {
  // On another engine, or under another's claim, what is found means nothing: that is said first.
  await s.act('*', async () => undefined);
  const states = await observeAll(s.plan, s.drivers, s.look);
  const approved = new Map<string, TargetState>(
    [...s.runPlan.targets.map(planned => planned.now), ...s.runPlan.gates].map(state => [state.target, state]),
  );
  const notes = states.map(state => {
    const differs = moved(found(approved.get(state.target), state.target), state);
    return {
      target: state.target,
      verdict: differs.length === 0 ? ('passed' as const) : ('foreign' as const),
      note: differs.join(', '),
    };
  });
  const strangers = await s.drivers.surroundings.findStrangers(s.look);
  if (strangers.length > 0) return failed(strangers.join('; '), 'stop them, or accept them by name in the plan');
  const result = resultOf(notes, 'as approved');
  if (result.verdict !== 'passed') {
    return {
      ...result,
      reason: `the live state is no longer the approved one: ${result.reason}`,
      next: `lastgood plan ${s.plan.platform}`,
    };
  }
  await s.journal.append({ type: 'found', states });
  return result;
}
