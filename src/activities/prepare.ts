import type { Changed, Recorded } from '../drivers/contract.ts';
import { DriverError } from '../drivers/errors.ts';
import { beforeRelease, type TargetId } from '../plan/ids.ts';
import type { Target } from '../plan/plan.ts';
import { isSwapped, type TargetState } from '../plan/run-plan.ts';
import { moved, startedAnew } from '../policy/compare.ts';
import { failed, type StepResult, type TargetNote, withTail } from '../run/step.ts';
import { recordedOf } from './can-stage.ts';
import type { StepOrder } from './contract.ts';
import type { Deps } from './deps.ts';
import { eachTarget } from './each-target.ts';
import { inOrder } from './in-order.ts';
import { observeAll } from './observe.ts';
import { inSession } from './refusing.ts';
import { noteMade } from './same-objects.ts';
import { seenNow } from './seen-now.ts';
import { each, found, releaseGraph, releaseStates, resultOf, type Session } from './session.ts';

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
  const made = await s.act(id, call =>
    found(driver.stage, 'stage').call(driver, target as never, from, call, snapshot),
  );
  await noteMade(s, id, made, 'release');
  return made;
}

/** Once: what an attempt that died staged lies beside the live objects by now, and may show in what is recorded of them. */
async function recordOutgoing(s: Session): Promise<void> {
  const id = beforeRelease(s.run);
  if ((await s.deps.ledger.find(s.plan.platform, id)) !== undefined) return;
  const targets = await Promise.all(
    s.plan.targets.map(target => s.drivers.of(target.kind).record(target as never, s.look)),
  );
  await Promise.all(s.plan.targets.map((target, index) => keepOutgoing(s, target, targets[index]!)));
  await s.deps.ledger.add({ platform: s.plan.platform, id, origin: 'run', by: `run ${s.run}`, targets });
}

/** Going back to it must not hang on an undo copy alone. An image that is gone already cannot be kept, and hinders nothing. */
async function keepOutgoing(s: Session, target: Target, recorded: Recorded): Promise<void> {
  const { retain } = s.drivers.of(target.kind);
  if (retain === undefined) return;
  await s
    .act(target.id, call => retain(target as never, recorded, call))
    .catch(error => {
      if (!(error instanceof DriverError && error.kind === 'missing')) throw error;
    });
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
    inSession(deps, order, s => seenNow(s, recheck(s)));

const AGAIN = (s: Session): string => `lastgood run ${s.plan.platform}   # stages anew`;

/** What stands under the staging names, before anything rests on it. */
async function checkStaged(s: Session): Promise<TargetNote[]> {
  const states = await releaseStates(s);
  const staged = s.runPlan.targets.filter(isSwapped);
  return Promise.all(
    staged.map(async ({ target: id }) => {
      const target = s.target(id);
      const driver = s.drivers.of(target.kind);
      const as = found(
        states.find(state => state.target === id),
        id,
      );
      const evidence = await driver.checkStaged?.(target as never, s.objectsOf, as, s.look);
      return {
        target: id,
        verdict: evidence === undefined || evidence.verdict === 'passed' ? 'passed' : 'foreign',
        note: evidence?.reason ?? '',
      };
    }),
  );
}

async function recheck(s: Session): Promise<StepResult> {
  // On another engine, or under another's claim, what is found means nothing: that is said first.
  await s.act('*', async () => undefined);
  const states = await observeAll(s.plan, s.drivers, s.look);
  const approved = new Map<string, TargetState>(
    [...s.runPlan.targets.map(planned => planned.now), ...s.runPlan.gates].map(state => [state.target, state]),
  );
  const restarts: string[] = [];
  const notes = states.map(state => {
    const was = found(approved.get(state.target), state.target);
    const differs = moved(was, state);
    restarts.push(...startedAnew(was, state).map(what => `; ${state.target}: ${what}`));
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
  const touched = resultOf(await checkStaged(s), 'untouched');
  if (touched.verdict !== 'passed')
    return { ...touched, reason: `what was staged is no longer as it was staged: ${touched.reason}`, next: AGAIN(s) };
  await s.journal.append({ type: 'found', states });
  return withTail(result, restarts.join(''));
}
