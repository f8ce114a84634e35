import type { RunId } from '../plan/ids.ts';
import type { Fence } from './contract.ts';
import { isOlder } from './fence.ts';
import { orAborted } from './wait.ts';

/** How long an act in flight may still be answered after cancellation: what was sent takes hold all the same, and is best known. */
export const ANSWER_WITHIN_MS = 3_000;
/** How long a look may go on after cancellation, to read back what an act that was in flight did. */
const READ_BACK_WITHIN_MS = 8_000;

/** One verb at work. */
export interface Verb {
  readonly run: RunId;
  readonly fence: Fence;
  /** For acts: aborted when the verb is cancelled, or cut off by a newer one; an act in flight has a moment to be answered. */
  readonly acts: AbortSignal;
  /** For everything else the verb does: the same, once no act is in flight, so that what it did can be read back. */
  readonly looks: AbortSignal;
  beginAct(): void;
  endAct(): void;
  /** Resolves when no act of it is in flight. */
  idle(): Promise<void>;
  isOver(): boolean;
  /** Nothing may begin any more. Resolves when no act of it is in flight. */
  end(): Promise<void>;
  cutOff(reason: unknown): void;
}

/** What is at work on one platform of one engine in this process, whichever run it belongs to. */
export interface UnderWay {
  /** Who held the claim when it was last asked. */
  owner: RunId | undefined;
  /** When that question was put: milliseconds since the epoch. */
  askedAt: number;
  enter(run: RunId, fence: Fence, cancelled: AbortSignal): Verb;
  /** Aborts whatever is older than `verb` or of another run, and waits until none of its acts is in flight. */
  cutOffOlder(verb: Verb): Promise<void>;
}

export function createUnderWay(answerWithin: number): UnderWay {
  const verbs = new Set<Verb>();
  return {
    owner: undefined,
    askedAt: 0,
    enter(run, fence, cancelled) {
      const verb = createVerb(run, fence, cancelled, answerWithin, () => verbs.delete(verb));
      verbs.add(verb);
      return verb;
    },
    async cutOffOlder(verb) {
      const older = [...verbs].filter(other => other.run !== verb.run || isOlder(other.fence, verb.fence));
      for (const other of older) other.cutOff(new Error('cut off by a newer order'));
      await orAborted(Promise.all(older.map(other => other.idle())), verb.acts);
    },
  };
}

function createVerb(run: RunId, fence: Fence, cancelled: AbortSignal, answerWithin: number, left: () => void): Verb {
  const acts = new AbortController();
  const looks = new AbortController();
  let inFlight = 0;
  let over = false;
  let waiting: (() => void)[] = [];

  let stop: (() => void) | undefined;
  const cutOff = (reason: unknown) => {
    if (stop !== undefined) return;
    stop = () => {
      acts.abort(reason);
      looks.abort(reason);
    };
    if (inFlight === 0) return stop();
    setTimeout(() => acts.abort(reason), answerWithin).unref();
    setTimeout(stop, READ_BACK_WITHIN_MS).unref();
  };
  const onCancelled = () => cutOff(cancelled.reason);
  cancelled.addEventListener('abort', onCancelled, { once: true });
  if (cancelled.aborted) onCancelled();

  const idle = (): Promise<void> =>
    inFlight === 0 ? Promise.resolve() : new Promise(resolve => waiting.push(resolve));

  return {
    run,
    fence,
    acts: acts.signal,
    looks: looks.signal,
    beginAct: () => {
      inFlight += 1;
    },
    endAct: () => {
      inFlight -= 1;
      if (inFlight > 0) return;
      stop?.();
      for (const resolve of waiting) resolve();
      waiting = [];
    },
    idle,
    isOver: () => over,
    async end() {
      over = true;
      await idle();
      cancelled.removeEventListener('abort', onCancelled);
      left();
    },
    cutOff,
  };
}
