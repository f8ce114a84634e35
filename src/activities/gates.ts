import { Context } from '@temporalio/activity';
import type { Evidence } from '../drivers/contract.ts';
import type { GateName, RunId, TargetId } from '../plan/ids.ts';
import type { GateSpec } from '../plan/plan.ts';
import type { TargetState } from '../plan/run-plan.ts';
import { passed, type StepResult, withTail } from '../run/step.ts';
import { findVisitors } from './around.ts';
import type { EnsuredShut, StepOrder } from './contract.ts';
import type { Deps } from './deps.ts';
import { hasActed } from './journal-facts.ts';
import { lookAgain } from './judge.ts';
import { inSession, inTime, refusing } from './refusing.ts';
import { countRowsSince } from './rows.ts';
import { identityOf } from './same-objects.ts';
import {
  each,
  found,
  foundStates,
  gateNamed,
  gateTarget,
  openSession,
  releaseStates,
  resultOf,
  type Session,
} from './session.ts';
import { lettingItStop } from './still-stopping.ts';
import { tooLate } from './too-late.ts';
import { until } from './until.ts';
import { lookAtGate } from './while-shut.ts';

/** One gate after the other: shut, and seen shut from outside. */
export const shutGates =
  (deps: Deps) =>
  (order: StepOrder): Promise<StepResult> =>
    inSession(deps, order, async s => {
      const late = await tooLate(s);
      if (late !== undefined) return late;
      const shutting = gateByGate(s, order.gates, async (gate, note) => {
        const only = await identityOf(s, gateTarget(s.plan, gate.name).id, 'found');
        return shutOne(s, gate, note, only);
      });
      const [result, visitors] = await Promise.all([shutting, findVisitors(s)]);
      if (visitors.length === 0) return result;
      return withTail(result, `; at work inside, and will be ended by the stop: ${visitors.join(', ')}`);
    });

/** @param only absent: whoever lets traffic in under the gate's name is stopped, ours or not */
async function shutOne(s: Session, gate: GateSpec, note: (text: string) => Note, only?: string): Promise<Note> {
  const changed = await s.act(gate.name, call => s.drivers.gate.shut(gate, call, only));
  const seen = await until(s, () => s.drivers.gate.isShut(gate, s.look));
  return { ...note(`${changed.note}; ${seen.reason}`), verdict: seen.verdict };
}

type Opening = StepOrder & { as: 'release' | 'found' };

/** Lets traffic in: to the release, or after a revert to what was found. */
export const openGates =
  (deps: Deps) =>
  async (order: Opening): Promise<StepResult> => {
    const result = await open(deps, order);
    return order.as === 'found' || result.verdict === 'passed' ? result : behindTheLine(deps, order, result);
  };

/** What went wrong before any gate was told to open is taken back as before the line: users saw nothing of the release. */
async function behindTheLine({ journals }: Deps, order: Opening, result: StepResult): Promise<StepResult> {
  const run = Context.current().info.workflowExecution?.runId as RunId;
  const whose = [...new Set([run, order.onBehalfOf ?? run])];
  const read = await Promise.all(whose.map(one => journals.open(order.platform, one))).catch(() => undefined);
  // A journal that cannot be read says nothing of it.
  if (read === undefined || read.some(journal => hasActed(journal.entries(), 'open-gates'))) return result;
  return { ...result, unopened: true };
}

const open = (deps: Deps, order: Opening): Promise<StepResult> =>
  inSession(deps, order, async s => {
    const late = order.as === 'release' ? await tooLate(s) : undefined;
    if (late !== undefined) return late;
    const states = order.as === 'found' ? await foundStates(s) : await releaseStates(s);
    // Verified a moment ago; what opens is what stands there now.
    const { seen, restarts } =
      order.as === 'found' ? { seen: await dropWhatIsUp(s), restarts: '' } : await lookAgain(s);
    if (seen.verdict !== 'passed') return withTail(seen, restarts);
    const opened = await gateByGate(s, order.gates, async (gate, note) => {
      const own = gateTarget(s.plan, gate.name);
      const as =
        states.find(state => state.target === own.id) ??
        found(
          (await foundStates(s)).find(state => state.target === own.id),
          own.id,
        );
      const only = await identityOf(s, own.id, order.as);
      // A release may have been recorded while its gate was shut; what was shut when it was found stays shut.
      const opens = order.as === 'release' ? { ...as, activity: 'running' as const } : as;
      if (order.as === 'found' && (await lettingItStop(s, own, gate.name)) !== '')
        await s.act(gate.name, call => s.drivers.gate.shut(gate, call, only));
      const changed = await s.act(gate.name, call => s.drivers.gate.open(gate, call, opens, only));
      if (staysDown(opens)) return note(`${changed.note}, as it was found`);
      const seen = await until(s, async () => opposite(await s.drivers.gate.isShut(gate, s.look)));
      return { ...note(`${changed.note}; ${seen.reason}`), verdict: seen.verdict };
    });
    return withTail(opened, restarts);
  });

const staysDown = ({ activity }: TargetState): boolean => activity !== 'running' && activity !== 'looping';

/** What was staged and somebody started would answer users beside what was found. What is down is dropped later. */
async function dropWhatIsUp(s: Session): Promise<StepResult> {
  const up: TargetId[] = [];
  for (const id of new Set(s.runPlan.targets.map(planned => planned.target))) {
    const target = s.target(id);
    if (await s.drivers.of(target.kind).isStagedUp?.(target as never, s.objectsOf, s.look)) up.push(id);
  }
  if (up.length === 0) return passed('nothing that was staged runs');
  return each(
    s,
    up,
    id => id,
    async (id, note) => {
      const target = s.target(id);
      const driver = s.drivers.of(target.kind);
      return note((await s.act(id, call => found(driver.drop, 'drop').call(driver, target as never, call))).note);
    },
  );
}

const opposite = (evidence: Evidence): Evidence => {
  const flipped = { passed: 'failed', failed: 'passed', inconclusive: 'inconclusive' } as const;
  return { verdict: flipped[evidence.verdict], reason: evidence.reason };
};

/** Looks at every gate, shuts what is not shut, and says which still are not. */
export const ensureShut =
  (deps: Deps) =>
  (sent: StepOrder): Promise<EnsuredShut> => {
    const order = inTime(sent);
    return refusing<EnsuredShut>(
      order.until,
      async () => {
        const s = await openSession(deps, order);
        // Side by side: one that cannot be shut must not keep the others open, nor out of what people are told.
        const gates = order.gates.map(name => gateNamed(s.plan, name));
        // An earlier attempt that found one up, and shut it, may never have been heard.
        let letIn = hasBegunToShut(s, order.gates);
        const shutAll = async (gate: GateSpec, note: (text: string) => Note) => {
          const [seen, own] = await Promise.all([s.drivers.gate.isShut(gate, s.look), lookAtGate(s, gate.name)]);
          letIn ||= seen.verdict === 'failed' || own.verdict !== 'passed';
          // One that was started a moment ago refuses still, and answers in the next.
          const isDown = seen.verdict === 'passed' && own.verdict === 'passed';
          return isDown ? note(seen.reason) : shutOne(s, gate, note);
        };
        const result = await each(s, gates, gate => gate.name, shutAll);
        const notShut = result.targets.filter(one => one.verdict !== 'passed').map(one => one.target as GateName);
        return { result, notShut, written: await countRowsSince(s), ...(letIn ? { letIn } : {}) };
      },
      result => ({ result, notShut: order.gates, written: '', letIn: true }),
    );
  };

const hasBegunToShut = ({ journal, order }: Session, gates: readonly string[]): boolean =>
  journal
    .entries()
    .some(
      ({ fact }) =>
        fact.type === 'intent' &&
        fact.key.step === order.step &&
        fact.key.direction === order.direction &&
        fact.key.round === order.round &&
        gates.includes(fact.key.target),
    );

type Note = StepResult['targets'][number];

/** Gates have an order; the first that does not pass ends it. */
async function gateByGate(
  s: Session,
  gates: readonly GateName[],
  verb: (gate: GateSpec, note: (text: string) => Note) => Promise<Note>,
): Promise<StepResult> {
  const notes: Note[] = [];
  for (const name of gates) {
    const gate = gateNamed(s.plan, name);
    const result = await each(s, [gate], one => one.name, verb);
    notes.push(...result.targets);
    if (result.verdict !== 'passed') return { ...result, ...resultOf(notes) };
  }
  return notes.length === 0 ? passed('the plan has no gate') : resultOf(notes, 'gates');
}
