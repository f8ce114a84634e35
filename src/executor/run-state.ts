import { canonicalJson } from '../plan/canonical.ts';
import type { Fence, Journal, Key } from './contract.ts';
import { isOlder } from './fence.ts';
import { orAborted } from './wait.ts';

/** How one effect of one key stands, by the journal. `intent`: begun, and nobody wrote how it ended. */
export interface Standing {
  readonly effectRound: number;
  readonly status: 'intent' | 'done' | 'failed' | 'gone';
  /** The entry that says so. */
  readonly seq: number;
  /** As the first intent of this round has it. */
  readonly mark?: string;
}

/** What the journal of one run says, kept up with it, and who may go on. All of it is learnt anew after a restart. */
export interface RunState {
  readonly journal: Journal;
  find(key: Key, effect: string): Standing | undefined;
  /** The newest fence seen. */
  newest(): Fence | undefined;
  /** From here on older fences are refused. */
  raise(fence: Fence): void;
  /** One at a time for one key and effect. @throws the signal's reason when it aborts while waiting */
  alone<T>(key: Key, effect: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

const idOf = (key: Key, effect: string): string => canonicalJson([key, effect]);

export function readRunState(journal: Journal): RunState {
  const standings = new Map<string, Standing>();
  const tails = new Map<string, Promise<unknown>>();
  let newest: Fence | undefined;
  let read = 0;

  const raise = (fence: Fence): void => {
    if (newest === undefined || isOlder(newest, fence)) newest = fence;
  };
  const catchUp = (): void => {
    for (const { fact, seq } of journal.entries().slice(read)) {
      read += 1;
      if (fact.type === 'order' || fact.type === 'intent') raise(fact.fence);
      if (fact.type !== 'intent' && fact.type !== 'done' && fact.type !== 'failed' && fact.type !== 'gone') continue;
      const id = idOf(fact.key, fact.effect);
      const { effectRound, type: status } = fact;
      // Of several intents of one round the first one's: an act of any of them may have taken hold since.
      const before = standings.get(id);
      const own = fact.type === 'intent' ? fact.mark : undefined;
      const mark = before?.effectRound === effectRound ? before.mark : own;
      standings.set(id, { effectRound, status, seq, ...(mark === undefined ? {} : { mark }) });
    }
  };

  return {
    journal,
    find(key, effect) {
      catchUp();
      return standings.get(idOf(key, effect));
    },
    newest() {
      catchUp();
      return newest;
    },
    raise,
    async alone(key, effect, signal, work) {
      const id = idOf(key, effect);
      const ahead = tails.get(id) ?? Promise.resolve();
      const turn = Promise.withResolvers<void>();
      const tail = ahead.then(() => turn.promise);
      tails.set(id, tail);
      try {
        await orAborted(ahead, signal);
        return await work();
      } finally {
        turn.resolve();
        if (tails.get(id) === tail) tails.delete(id);
      }
    },
  };
}
