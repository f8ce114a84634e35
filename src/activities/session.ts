import { Context } from '@temporalio/activity';
import type { Call, HostDrivers, Look } from '../drivers/contract.ts';
import { DriverError } from '../drivers/errors.ts';
import type { Journal, Key } from '../executor/contract.ts';
import type { RunId, TargetId } from '../plan/ids.ts';
import type { ContainerTarget, GateSpec, Plan, Target } from '../plan/plan.ts';
import type { PlannedTarget, RunPlan, TargetState } from '../plan/run-plan.ts';
import { type Graph, graphOf } from '../policy/dependants.ts';
import type { NumberedEvent } from '../run/events.ts';
import { besidesOf, type StepResult, type TargetNote, worstOf } from '../run/step.ts';
import { cancelled, classify, tryAgain, Unwritten } from './classify.ts';
import type { StepOrder } from './contract.ts';
import type { Deps } from './deps.ts';
import { openedIn } from './journal-facts.ts';

/** As many targets at once as an engine bears. */
const AT_ONCE = 16;

/** One activity attempt on one host: the run's plan, its journal, and the way to act on targets. */
export interface Session {
  readonly deps: Deps;
  readonly order: StepOrder;
  readonly run: RunId;
  /** Whose objects and journal these are: another run's in a take-over. */
  readonly objectsOf: RunId;
  readonly runPlan: RunPlan;
  readonly plan: Plan;
  readonly drivers: HostDrivers;
  readonly journal: Journal;
  readonly look: Look;
  target(id: TargetId): Target;
  planned(id: TargetId): PlannedTarget;
  /** One verb through the executor: fence, claim, journal. */
  act<R>(target: string, verb: (call: Call) => Promise<R>): Promise<R>;
}

export async function openSession(deps: Deps, order: StepOrder): Promise<Session> {
  const context = Context.current();
  const { attempt, workflowExecution } = context.info;
  const run = (workflowExecution?.runId ?? '') as RunId;
  const { runPlan, journal } = await writeDown(deps, order, run).catch(error => {
    throw new Unwritten(`nothing was journalled: ${error}`, { cause: error });
  });
  const { plan } = runPlan;
  const look = lookOf(context);
  const drivers = deps.drivers(plan);
  const engine = runPlan.engines[order.host];
  if (engine === undefined) throw new Error(`the run plan names no engine for host ${order.host}`);
  return {
    deps,
    order,
    run,
    objectsOf: order.onBehalfOf ?? run,
    runPlan,
    plan,
    drivers,
    journal,
    look,
    target: id =>
      found(
        plan.targets.find(target => target.id === id),
        id,
      ),
    planned: id =>
      found(
        runPlan.targets.find(target => target.target === id),
        id,
      ),
    act: (target, verb) => {
      const key: Key = { run, step: order.step, direction: order.direction, round: order.round, target };
      const fence = { turn: order.turn, attempt };
      const behalf = order.onBehalfOf === undefined ? {} : { onBehalfOf: order.onBehalfOf };
      return deps.executor.execute(
        drivers.engine,
        { platform: order.platform, key, fence, engine, ...look, ...behalf },
        verb,
      );
    },
  };
}

async function writeDown(deps: Deps, order: StepOrder, run: RunId): Promise<Pick<Session, 'runPlan' | 'journal'>> {
  const runPlan = await deps.runs.load(order.hash);
  const journal = await deps.journals.open(order.platform, run);
  await writeRecords(journal, order.records);
  return { runPlan, journal };
}

/** The attempt's cancellation and its heartbeat, which beats only when something answered. */
export function lookOf(context: Context): Look {
  return { signal: context.cancellationSignal, progress: at => context.heartbeat(at) };
}

/** How long a look that nothing rests on may take: traffic may be shut meanwhile. */
const BRIEFLY_MS = 2_000;

/** For a look whose failure means only that nothing is said. */
export const briefly = (look: Look): Look => ({
  ...look,
  signal: AbortSignal.any([look.signal, AbortSignal.timeout(BRIEFLY_MS)]),
});

/** Journals what the workflow decided and heard before anything is done on its account. */
export async function writeRecords(journal: Journal, records: readonly NumberedEvent[]): Promise<void> {
  await Promise.all(
    records.map(({ number, at, event }) =>
      journal.append({ type: 'event', event: number, at, what: event.type, facts: event }),
    ),
  );
}

type Verb<T> = (item: T, note: (text: string) => TargetNote) => Promise<TargetNote>;

/**
 * Does one thing to each of several, side by side, and waits for all of them whatever becomes of one.
 * @throws ApplicationFailure to be tried again, when an engine did not answer and there is time; CancelledFailure
 */
export async function each<T>(
  s: { order: { until: number }; look: Look },
  items: readonly T[],
  nameOf: (item: T) => string,
  verb: Verb<T>,
): Promise<StepResult> {
  const notes: TargetNote[] = [];
  const again: string[] = [];
  let notOurs = false;
  let next: string | undefined;
  await bounded(items, async item => {
    const target = nameOf(item);
    const began = performance.now();
    const took = (): number => Math.round(performance.now() - began);
    try {
      const note = await verb(item, text => ({ target, verdict: 'passed', note: text }));
      notes.push({ ...note, ms: took() });
    } catch (error) {
      const classified = classify(target, error, s.order.until, Date.now());
      if (classified.again) again.push(`${target}: ${classified.note.note}`);
      notes.push({ ...classified.note, ms: took() });
      notOurs ||= classified.notOurs;
      next ??= classified.next;
    }
  });
  if (s.look.signal.aborted) throw cancelled();
  if (again.length > 0) throw tryAgain(again.join('; '));
  return {
    ...resultOf(notes),
    ...(notOurs ? { notOurs: true as const } : {}),
    ...(next === undefined ? {} : { next }),
  };
}

export const withBesides = (note: TargetNote, besides = ''): TargetNote =>
  besides === '' ? note : { ...note, besides };

/** The worst of the notes, told first. */
export function resultOf(notes: readonly TargetNote[], done = 'done'): StepResult {
  const bad = notes.filter(note => note.verdict !== 'passed');
  const verdict = notes.length === 0 ? 'passed' : worstOf(notes.map(note => note.verdict));
  const told = bad.slice(0, 5).map(note => `${note.target}: ${note.note}`);
  const more = bad.length > told.length ? ` and ${bad.length - told.length} more` : '';
  return {
    verdict,
    reason: `${bad.length === 0 ? `${done}: ${notes.length} of ${notes.length}` : `${told.join('; ')}${more}`}${besidesOf(notes)}`,
    targets: notes,
  };
}

async function bounded<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const one = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, one));
}

export const journalOfObjects = async (s: Session): Promise<Journal> =>
  s.objectsOf === s.run ? s.journal : s.deps.journals.open(s.order.platform, s.objectsOf);

/**
 * A run that Temporal reset goes on under another id, with its history in its head and no journal: it never claimed anything.
 * @throws DriverError conflict, naming the run that did
 */
export async function mustBeAdmitted({ run, plan, drivers, journal, look }: Session): Promise<void> {
  if (openedIn(journal.entries()) !== undefined) return;
  const owner = await drivers.engine.findOwner(plan.platform, look);
  const whose = owner === undefined ? 'nobody holds the platform' : `the platform is held by run ${owner.run}`;
  throw new DriverError('conflict', `run ${run} was never admitted here, and ${whose}; nothing was changed`, {
    next:
      owner === undefined
        ? `lastgood status ${plan.platform}`
        : `lastgood run ${plan.platform} --take-over ${owner.run}`,
    notOurs: true,
  });
}

/** What stood just before the freeze, as the journal of the run whose objects these are holds it. @throws DriverError missing */
export async function foundStates(s: Session): Promise<readonly TargetState[]> {
  const journal = await journalOfObjects(s);
  const fact = journal.entries().findLast(entry => entry.fact.type === 'found')?.fact;
  if (fact?.type !== 'found')
    throw new DriverError('missing', `run ${s.objectsOf}: its journal does not say what stood before the freeze`);
  return fact.states as readonly TargetState[];
}

/** What every target was in the release that the run goes back to. @throws DriverError missing */
export const releaseStates = async ({ deps, plan, runPlan }: Session): Promise<readonly TargetState[]> =>
  found(await deps.ledger.find(plan.platform, runPlan.release), runPlan.release).targets;

/** Who holds on to whom once the release is in. */
export const releaseGraph = async (s: Session): Promise<Graph> => graphOf(s.plan, await releaseStates(s));

/** @throws DriverError missing */
export const gateNamed = (plan: Plan, name: string): GateSpec =>
  found(
    plan.gates.find(one => one.name === name),
    name,
  );

/** A gate's own container, as a target, so that it can be looked at like one. */
export function gateTarget(plan: Plan, name: string): ContainerTarget {
  const gate = gateNamed(plan, name);
  const own = plan.targets.find(target => target.id === gate.target);
  if (own?.kind === 'docker') return own;
  return {
    kind: 'docker',
    id: `gate:${gate.name}` as TargetId,
    host: gate.host,
    container: gate.container,
    probes: [],
    stop: { grace: gate.grace },
    ignoreChanges: [],
    acceptChanges: true,
  };
}

export function found<T>(item: T | undefined, name: string): T {
  if (item === undefined) throw new DriverError('missing', `${name}: not in the run plan`);
  return item;
}
