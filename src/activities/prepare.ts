import type { Changed } from '../drivers/contract.ts';
import { beforeRelease, type TargetId } from '../plan/ids.ts';
import type { TargetState } from '../plan/run-plan.ts';
import { moved } from '../policy/compare.ts';
import { failed, type StepResult } from '../run/step.ts';
import { recordedOf } from './can-stage.ts';
import type { StepOrder } from './contract.ts';
import type { Deps } from './deps.ts';
import { eachTarget } from './each-target.ts';
import { inOrder } from './in-order.ts';
import { observeAll } from './observe.ts';
import { inSession } from './refusing.ts';
import { each, found, releaseGraph, resultOf, type Session } from './session.ts';

/** Records the outgoing state as a release, and makes the release's objects beside the live ones. */
export const stageRelease =
  (deps: Deps) =>
  (order: StepOrder): Promise<StepResult> =>
    inSession(deps, order, async s => {
      await recordOutgoing(s);
      // Who holds on to another is made against that one's staged container, so after it.
      const { targets, turn } = inOrder(order.targets, await releaseGraph(s));
      return each(
        s,
        targets,
        id => id,
        async (id, note) => note((await turn(id, () => stage(s, id))).note),
      );
    });

async function stage(s: Session, id: TargetId): Promise<Changed> {
  const target = s.target(id);
  const planned = s.planned(id);
  const driver = s.drivers.of(target.kind);
  const from = await recordedOf(s.deps, s.runPlan, planned);
  const snapshot = planned.snapshot === undefined ? undefined : await s.deps.snapshots(s.plan).open(planned.snapshot);
  return s.act(id, call => found(driver.stage, 'stage').call(driver, target as never, from, call, snapshot));
}

async function recordOutgoing(s: Session): Promise<void> {
  const targets = await Promise.all(
    s.plan.targets.map(target => s.drivers.of(target.kind).record(target as never, s.look)),
  );
  const id = beforeRelease(s.run);
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
