import type { Call, Changed, Evidence } from '../drivers/contract.ts';
import { DriverError } from '../drivers/errors.ts';
import type { TargetId } from '../plan/ids.ts';
import type { ContainerTarget, ProbeSpec } from '../plan/plan.ts';
import type { TargetState } from '../plan/run-plan.ts';
import { graphOf, turned } from '../policy/dependants.ts';
import type { StepResult, TargetNote } from '../run/step.ts';
import type { StepOrder } from './contract.ts';
import type { Deps } from './deps.ts';
import { inOrder } from './in-order.ts';
import { findEarlyStart, findMeddling, noteStarted } from './restarts.ts';
import { identityOf, remakeWhereGone, sideOf } from './same-objects.ts';
import { each, found, foundStates, releaseGraph, releaseStates, type Session, withBesides } from './session.ts';
import { lettingItStop } from './still-stopping.ts';
import { until } from './until.ts';
import { whileShut } from './while-shut.ts';

/** Stops a tier, its services side by side; one that holds on to another before that one, whose end would be its own. */
export const stopTier =
  (deps: Deps) =>
  (order: StepOrder): Promise<StepResult> =>
    whileShut(deps, order, async s => {
      const now = s.runPlan.targets.map(planned => planned.now);
      const graph = order.direction === 'undo' ? await releaseGraph(s) : graphOf(s.plan, now);
      const { targets, turn } = inOrder(order.targets, turned(graph));
      const driver = s.drivers.of('docker');
      return each(
        s,
        targets,
        id => id,
        async (id, note) => {
          const service = s.target(id) as ContainerTarget;
          const only = await identityOf(s, id, sideOf(s));
          const stop = (call: Call) =>
            found(driver.stop, 'stop').call(driver, service, call, mayBeKilled(s, service), only);
          const stopped = await turn(id, () => s.act(id, stop).catch(goneIsDown(order)));
          return withBesides(note(stopped.note), order.direction === 'undo' ? '' : await findMeddling(s, id));
        },
      );
    });

/** Taking a start back: what somebody removed meanwhile runs no more. */
const goneIsDown =
  (order: StepOrder) =>
  (error: unknown): Changed => {
    if (order.direction !== 'undo' || !(error instanceof DriverError && error.kind === 'missing')) throw error;
    return { changed: false, note: `nothing to stop: ${error.message}` };
  };

/** Past its grace a service may be killed; what writes a store of the plan never is, unless the plan says so. */
function mayBeKilled(s: Session, target: ContainerTarget): boolean {
  if (target.stop.hard !== undefined) return target.stop.hard === 'kill';
  const written = s.planned(target.id).now.volumes ?? [];
  return !s.plan.targets.some(one => one.kind === 'docker-volume' && written.includes(one.volume));
}

/** Starts a tier at the release and waits until its probes agree: the tier above starts after. */
export const startTier =
  (deps: Deps) =>
  (order: StepOrder): Promise<StepResult> =>
    whileShut(deps, order, async s => {
      const states = await releaseStates(s);
      const { targets, turn } = inOrder(order.targets, graphOf(s.plan, states));
      return each(
        s,
        targets,
        id => id,
        async (id, note) => {
          // Started is enough for those that hold on to it: what it answers may come through one of them.
          const { as, started } = await turn(id, async () => {
            const as = stateOf(states, id);
            return { as, started: await start(s, id, as, note) };
          });
          if (as.activity !== 'running') return started;
          const [ready] = await Promise.all([untilReady(s, id), noteStarted(s, id, 'release')]);
          return {
            ...started,
            verdict: ready.verdict,
            note: ready.verdict === 'passed' ? `${started.note}; ${ready.reason}` : ready.reason,
          };
        },
      );
    });

/** Starts what was found running, without asking how it feels: what looped may loop. */
export const startTierAsFound =
  (deps: Deps) =>
  (order: StepOrder): Promise<StepResult> =>
    whileShut(deps, order, async s => {
      const states = await foundStates(s);
      const { targets, turn } = inOrder(order.targets, graphOf(s.plan, states));
      return each(
        s,
        targets,
        id => id,
        async (id, note) => {
          const started = await turn(id, async () => start(s, id, stateOf(states, id), note));
          await noteStarted(s, id, 'found');
          return started;
        },
      );
    });

const stateOf = (states: readonly TargetState[], id: TargetId): TargetState =>
  found(
    states.find(state => state.target === id),
    id,
  );

async function start(
  s: Session,
  id: TargetId,
  as: TargetState,
  note: (text: string) => TargetNote,
): Promise<TargetNote> {
  const driver = s.drivers.of('docker');
  const target = s.target(id) as ContainerTarget;
  const side = sideOf(s);
  const told: string[] = [];
  const changed = await s.act(id, async call => {
    if (side === 'found') told.push(await remakeWhereGone(s, target, call), await lettingItStop(s, target, id));
    const only = await identityOf(s, id, side);
    return found(driver.start, 'start').call(driver, target, call, as, only);
  });
  const said = note([...told, changed.note].filter(text => text !== '').join('; '));
  return withBesides(said, side === 'release' ? await findEarlyStart(s, id) : '');
}

/** A service that is up may be asked tightly; the engine, which starts its neighbours meanwhile, is not. */
const LOOK_EVERY_MS = 500;

/** Every probe in turn until it agrees; hopeless at once when the container is down or restarts more than the plan allows. */
async function untilReady(s: Session, id: TargetId): Promise<Evidence> {
  const target = s.target(id);
  let last: Evidence = { verdict: 'passed', reason: 'it has no probe' };
  let nextLook = 0;
  for (const spec of target.probes) {
    let dead = false;
    last = await until(
      s,
      async () => {
        const evidence = await probeOnce(s, id, spec);
        if (evidence.verdict === 'passed' || Date.now() < nextLook) return evidence;
        nextLook = Date.now() + LOOK_EVERY_MS;
        const fate = await fateOf(s, id);
        dead = fate !== undefined;
        return fate ?? evidence;
      },
      () => dead,
    );
    if (last.verdict !== 'passed') return last;
  }
  return target.probes.length > 1 ? { verdict: 'passed', reason: `${target.probes.length} probes agree` } : last;
}

export async function probeOnce(s: Session, id: TargetId, spec: ProbeSpec): Promise<Evidence> {
  const target = s.target(id);
  const driver = s.drivers.of(target.kind);
  return found(driver.probe, 'probe').call(driver, target as never, spec, s.look);
}

async function fateOf(s: Session, id: TargetId): Promise<Evidence | undefined> {
  const state = await s.drivers.of('docker').observe(s.target(id) as ContainerTarget, s.look);
  const only = await identityOf(s, id, sideOf(s));
  if (only !== undefined && state.identity !== only)
    return { verdict: 'failed', reason: 'it was made again by somebody: this run started another one' };
  const restarts = state.restarts ?? 0;
  if (restarts > s.plan.verify.restarts)
    return {
      verdict: 'failed',
      reason: `it restarts: ${restarts} times since its start, ${s.plan.verify.restarts} are allowed`,
    };
  if (state.activity === 'exited') return { verdict: 'failed', reason: 'it started and exited' };
  return undefined;
}
