import type { TargetId } from '../plan/ids.ts';
import type { TargetState } from '../plan/run-plan.ts';
import { startedAnew } from '../policy/compare.ts';
import type { Side } from './same-objects.ts';
import { foundStates, journalOfObjects, type Session } from './session.ts';

/** Keeps how the engine says that a target was started, once this run started it. It is looked at beside the wait for its probes. */
export async function noteStarted(s: Session, id: TargetId, side: Side): Promise<void> {
  const state = await lookAt(s, id);
  if (state !== undefined) await keep(s, state, side);
}

/** `; work: restarted …` of every target that was started anew since this run started it, or found it; nothing when none was. Each is said once. */
export async function sayRestarts(s: Session, live: readonly TargetState[], side: Side): Promise<string> {
  const said: string[] = [];
  for (const state of live) {
    const was = await startedBefore(s, state, side);
    const anew = was === undefined ? [] : startedAnew(was, state);
    if (anew.length === 0) continue;
    said.push(`; ${state.target}: ${anew.join(', ')}`);
    await keep(s, state, side);
  }
  return said.join('');
}

/** As `sayRestarts`, of one target that was stopped: the engine keeps when it was started. */
export async function sayRestartOf(s: Session, id: TargetId): Promise<string> {
  const state = await lookAt(s, id);
  return state === undefined ? '' : sayRestarts(s, [state], 'found');
}

/** What is to be said of a target that this step was to start, and that ran already without this run's, or the one's that it ends, ever having begun to. */
export async function sayRanAlready(s: Session, target: TargetId): Promise<string> {
  const { step, direction } = s.order;
  const journals = [await journalOfObjects(s), s.journal];
  const starts = journals
    .flatMap(journal => journal.entries().map(entry => entry.fact))
    .filter(fact => fact.type === 'intent' || fact.type === 'done')
    .filter(
      ({ key, effect }) => key.target === target && key.step === step && key.direction === direction && isStart(effect),
    );
  const ours = starts.some(fact => fact.type === 'intent');
  return starts.length > 0 && !ours ? 'it ran already: somebody had started it' : '';
}

const isStart = (effect: string): boolean => effect === 'start' || effect.startsWith('start@');

/** One that cannot be looked at is for others to judge: nothing rests on this. */
const lookAt = (s: Session, id: TargetId): Promise<TargetState | undefined> => {
  const target = s.target(id);
  return s.drivers
    .of(target.kind)
    .observe(target as never, s.look)
    .catch(() => undefined);
};

async function keep(s: Session, { target, identity, started }: TargetState, side: Side): Promise<void> {
  if (started !== undefined) await s.journal.append({ type: 'started', target, identity, started, as: side });
}

async function startedBefore(
  s: Session,
  { target }: TargetState,
  side: Side,
): Promise<Pick<TargetState, 'identity' | 'started'> | undefined> {
  const journals = [await journalOfObjects(s), s.journal];
  const facts = journals.flatMap(journal => journal.entries().map(entry => entry.fact));
  const fact = facts.findLast(one => one.type === 'started' && one.target === target && one.as === side);
  if (fact?.type === 'started') return fact;
  return side === 'found' ? (await foundStates(s)).find(state => state.target === target) : undefined;
}
