import type { Evidence } from '../drivers/contract.ts';
import type { TargetState } from '../plan/run-plan.ts';
import { differences, differsFromFound, moved } from '../policy/compare.ts';
import { passed, type StepResult, type TargetNote, tailOf, withTail, worstOf } from '../run/step.ts';
import { findRaised, findVisitors, lookAround } from './around.ts';
import type { StepOrder } from './contract.ts';
import type { Deps } from './deps.ts';
import { observeAll } from './observe.ts';
import { inSession } from './refusing.ts';
import { findRestarts } from './restarts.ts';
import { identityOf } from './same-objects.ts';
import { seenNow } from './seen-now.ts';
import { found, foundStates, releaseStates, resultOf, type Session } from './session.ts';
import { probeOnce } from './tiers.ts';
import { until } from './until.ts';
import { findOpened, whileShut } from './while-shut.ts';
import { type WindowSeen, watchWindow } from './window.ts';

/** With traffic still shut: every target is the release, every probe agrees, and it stays so over the plan's window. */
export const judgeInside =
  (deps: Deps) =>
  (order: StepOrder): Promise<StepResult> =>
    whileShut(deps, order, s => seenNow(s, inside(s)));

async function inside(s: Session): Promise<StepResult> {
  const expected = await expectedStates(s);
  // What somebody else did says more than what no longer answers because of it, and is not waited for.
  let foreign: StepResult | undefined;
  const looking = whatIsForeign(s, expected).then(seen => {
    foreign = seen;
  });
  const [first] = await Promise.all([probeAll(s, () => foreign !== undefined), looking]);
  if (first.verdict !== 'passed') {
    const why = foreign ?? (await whatIsForeign(s, expected)) ?? first;
    return withRestarts(s, why, await lookAtAll(s, expected));
  }
  const watched = await watchWindow(
    s,
    () => lookAtAll(s, expected),
    (live, before) => compareAll(s, live, expected, before),
  );
  return withRestarts(s, await afterWindow(s, expected, watched), watched.live);
}

/** Whichever way it was judged: what somebody restarted may be why. */
async function withRestarts(s: Session, judged: StepResult, live: readonly TargetState[]): Promise<StepResult> {
  return withTail(judged, tailOf(await findRestarts(s, live, 'release')));
}

async function afterWindow(
  s: Session,
  expected: readonly TargetState[],
  { seen, rows, samples }: WindowSeen,
): Promise<StepResult> {
  if (seen.verdict !== 'passed') return seen;
  const counted = await rows;
  if (counted.verdict !== 'passed') return counted;
  const last = await probeAll(s);
  if (last.verdict !== 'passed') return (await whatIsForeign(s, expected)) ?? last;
  const around = (await findOpened(s)) ?? (await lookAround(s));
  return around.verdict === 'passed'
    ? passed(`${last.reason}, ${seen.reason}, over ${samples} samples${around.reason}`, last.targets)
    : around;
}

/** The release, but for what the run keeps as it is. */
async function expectedStates(s: Session): Promise<readonly TargetState[]> {
  const states = await releaseStates(s);
  return Promise.all(
    s.runPlan.targets.map(async planned => {
      if (planned.kind === 'docker-volume') return planned.now;
      const state = found(
        states.find(one => one.target === planned.target),
        planned.target,
      );
      // The very object that this run put there, or left there: the record knows another one's id.
      return { ...state, identity: (await identityOf(s, planned.target, 'release')) ?? '' };
    }),
  );
}

async function lookAtAll(s: Session, expected: readonly TargetState[]): Promise<readonly TargetState[]> {
  const live = await observeAll(s.plan, s.drivers, s.look);
  return live.filter(state => expected.some(one => one.target === state.target));
}

/**
 * Every target as it must be, by id, image and settings, and nothing that was set aside beside it: what was verified,
 * looked at again. `restarts`: what is to be said of those that somebody restarted meanwhile, with `; ` before it, or nothing.
 */
export async function lookAgain(s: Session): Promise<{ readonly seen: StepResult; readonly restarts: string }> {
  const expected = await expectedStates(s);
  const [live, raised] = await Promise.all([lookAtAll(s, expected), findRaised(s)]);
  return { seen: raised ?? compareAll(s, live, expected), restarts: tailOf(await findRestarts(s, live, 'release')) };
}

/** Why a probe may not have agreed: something there is somebody else's doing. */
async function whatIsForeign(s: Session, expected: readonly TargetState[]): Promise<StepResult | undefined> {
  const seen = compareAll(s, await lookAtAll(s, expected), expected);
  return seen.targets.some(note => note.verdict === 'foreign') ? seen : undefined;
}

/** @param before how all of it was seen to be right: what is another since then was made so by somebody else */
function compareAll(
  s: Session,
  live: readonly TargetState[],
  expected: readonly TargetState[],
  before: readonly TargetState[] = [],
): StepResult {
  const gates = new Set(s.plan.gates.map(gate => gate.target ?? `gate:${gate.name}`));
  const notes = live.map(state => {
    const was = before.find(one => one.target === state.target);
    const foreign = was === undefined ? exchanged(expected, state) : moved(was, state);
    if (foreign.length > 0) return { target: state.target, verdict: 'foreign' as const, note: foreign.join(', ') };
    return judgeState(s, state, expected, gates.has(state.target));
  });
  return resultOf(notes, 'targets at the release');
}

/** One that has the name, and is not the one that this run put there. */
const exchanged = (expected: readonly TargetState[], state: TargetState): string[] => {
  const known = expected.find(one => one.target === state.target)?.identity ?? '';
  return known === '' ? [] : moved({ ...state, identity: known }, state).map(text => `made again by somebody: ${text}`);
};

function judgeState(s: Session, state: TargetState, expected: readonly TargetState[], isGate: boolean): TargetNote {
  const release = found(
    expected.find(one => one.target === state.target),
    state.target,
  );
  // A gate stays down, its policy set aside, until it is opened.
  const compared = isGate
    ? { ...state, ...(release.restartPolicy === undefined ? {} : { restartPolicy: release.restartPolicy }) }
    : state;
  const faults = differences(release, compared);
  const restarts = state.restarts ?? 0;
  if (!isGate && restarts > s.plan.verify.restarts)
    faults.push(`restarts: ${restarts} since its start, ${s.plan.verify.restarts} are allowed`);
  if (!isGate && release.activity === 'running' && state.activity !== 'running')
    faults.push(`state: expected running, found ${state.activity}`);
  return { target: state.target, verdict: faults.length === 0 ? 'passed' : 'failed', note: faults.join(', ') };
}

/** Every probe of every target that should run, until it agrees or time is nearly over. */
async function probeAll(s: Session, hopeless: () => boolean = () => false): Promise<StepResult> {
  const gates = new Set(s.plan.gates.map(gate => gate.target));
  const asked = s.plan.targets
    .filter(target => !gates.has(target.id))
    .flatMap(target => target.probes.map(spec => ({ id: target.id, spec })));
  const notes = await Promise.all(
    asked.map(async ({ id, spec }) => {
      const evidence = await until(s, () => probeOnce(s, id, spec), hopeless);
      return { target: id, verdict: evidence.verdict, note: evidence.reason };
    }),
  );
  return resultOf(notes, 'probes agree');
}

/** A revert is measured against what was found: digests, settings, and running, exited or looping. */
export const judgeAsFound =
  (deps: Deps) =>
  (order: StepOrder): Promise<StepResult> =>
    inSession(deps, order, asFound);

async function asFound(s: Session): Promise<StepResult> {
  const before = await foundStates(s);
  const gates = new Set(s.plan.gates.map(gate => gate.target ?? `gate:${gate.name}`));
  let notes: TargetNote[] = [];
  let live: readonly TargetState[] = [];
  await until(s, async (): Promise<Evidence> => {
    live = await observeAll(s.plan, s.drivers, s.look);
    notes = live
      .filter(state => !gates.has(state.target))
      .map(state => {
        const was = found(
          before.find(one => one.target === state.target),
          state.target,
        );
        const faults = differsFromFound(was, state);
        return { target: state.target, verdict: faults.length === 0 ? 'passed' : 'failed', note: faults.join(', ') };
      });
    return { verdict: worstOf(notes.map(note => note.verdict)) === 'passed' ? 'passed' : 'failed', reason: 'as found' };
  });
  const result = resultOf(notes, 'as found');
  // A gate that this run opened again, and shut since, was started by it.
  const services = live.filter(state => !gates.has(state.target));
  return withTail(result, tailOf(await findRestarts(s, services, 'found')));
}

/** What users see once they are let in. */
export const judgeFrontDoor =
  (deps: Deps) =>
  (order: StepOrder): Promise<StepResult> =>
    inSession(deps, order, frontDoor);

async function frontDoor(s: Session): Promise<StepResult> {
  const notes = await Promise.all(
    s.plan.verify.frontDoor.map(async spec => {
      const evidence = await until(s, () => s.drivers.frontDoor.probeFrontDoor(spec, s.look));
      return { target: spec.http, verdict: evidence.verdict, note: evidence.reason };
    }),
  );
  const door = resultOf(notes, 'front door');
  const [{ seen, restarts }, visitors] = await Promise.all([lookAgain(s), findVisitors(s)]);
  const inside = visitors.length === 0 ? '' : `; at work inside: ${visitors.join(', ')}`;
  const told = `${restarts}${inside}`;
  const isForeign = seen.targets.some(note => note.verdict === 'foreign');
  return withTail(isForeign || (door.verdict === 'passed' && seen.verdict !== 'passed') ? seen : door, told);
}
