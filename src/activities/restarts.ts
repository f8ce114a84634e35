import type { TargetId } from '../plan/ids.ts';
import type { TargetState } from '../plan/run-plan.ts';
import { startedAnew } from '../policy/compare.ts';
import type { Side } from './same-objects.ts';
import { briefly, foundStates, journalOfObjects, type Session } from './session.ts';

/** Keeps how the engine says that a target was started, once this run started it. It is looked at beside the wait for its probes. */
export async function noteStarted(s: Session, id: TargetId, side: Side): Promise<void> {
  if (!startedSince(s, id, side)) return;
  const state = await glance(s, id);
  if (state?.started === undefined) return;
  const { identity, started } = state;
  await s.journal.append({ type: 'started', target: id, identity, started, as: side });
}

/** Each target that was started anew since this run started it, or found it, and one sentence of it. */
export type Restarts = readonly (readonly [target: string, what: string])[];

/** Nothing is kept of what it finds, so that whoever looks next says it again, and no death loses it. */
export async function findRestarts(s: Session, live: readonly TargetState[], side: Side): Promise<Restarts> {
  // A take-over does not know every start of those that came before it.
  if (side === 'found' && s.objectsOf !== s.run) return [];
  const before = new Map<string, Pick<TargetState, 'identity' | 'started'>>();
  if (side === 'found') for (const state of await foundStates(s)) before.set(state.target, state);
  for (const journal of await journalsOf(s))
    for (const { fact } of journal.entries()) {
      if (fact.type === 'started' && fact.as === side) before.set(fact.target, fact);
      // Until it is kept how that start took hold, nothing is known.
      else if (fact.type === 'intent' && isStart(fact.effect)) before.delete(fact.key.target);
    }
  return live.flatMap(state => {
    const was = before.get(state.target);
    const anew = was === undefined ? [] : startedAnew(was, state);
    return anew.length === 0 ? [] : [[state.target as string, anew.join(', ')] as const];
  });
}

/** What somebody did to a target since it was found, by a look at it after its stop: the engine keeps when it was started. Nothing, mostly. */
export async function findMeddling(s: Session, id: TargetId): Promise<string> {
  const state = await glance(s, id);
  if (state === undefined) return '';
  const found = (await foundStates(s)).find(one => one.target === id);
  const isChanged = found?.identity === state.identity && found.settings !== state.settings;
  const changed = isChanged ? ['its settings are no longer those that were found: somebody changed it'] : [];
  const restarts = await findRestarts(s, [state], 'found');
  return [...restarts.map(([, what]) => what), ...changed].join('; ');
}

/** That a target ran already when this step was to start it, without this run, or the one that it ends, ever having begun to. */
export async function findEarlyStart(s: Session, target: TargetId): Promise<string> {
  const { step, direction } = s.order;
  const starts = (await journalsOf(s))
    .flatMap(journal => journal.entries().map(entry => entry.fact))
    .filter(fact => fact.type === 'intent' || fact.type === 'done')
    .filter(
      ({ key, effect }) => key.target === target && isStart(effect) && key.step === step && key.direction === direction,
    );
  const ours = starts.some(fact => fact.type === 'intent');
  return starts.length > 0 && !ours ? 'it ran already: somebody had started it' : '';
}

/** Whether this run has begun to start it since it last kept when it was: a later look would take somebody's restart for its own. */
function startedSince(s: Session, id: TargetId, side: Side): boolean {
  const facts = s.journal.entries().map(entry => entry.fact);
  const kept = facts.findLastIndex(fact => fact.type === 'started' && fact.target === id && fact.as === side);
  const began = facts.findLastIndex(fact => fact.type === 'intent' && fact.key.target === id && isStart(fact.effect));
  // One that was found, and never stopped, is measured from then.
  return side === 'release' && kept < 0 ? true : began > kept;
}

const journalsOf = async (s: Session) => (s.objectsOf === s.run ? [s.journal] : [await journalOfObjects(s), s.journal]);

const isStart = (effect: string): boolean => effect === 'start' || effect.startsWith('start@');

/** One that cannot be looked at in time is for others to judge. */
const glance = (s: Session, id: TargetId): Promise<TargetState | undefined> => {
  const target = s.target(id);
  return s.drivers
    .of(target.kind)
    .observe(target as never, briefly(s.look))
    .catch(() => undefined);
};
