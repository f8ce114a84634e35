import { setImmediate } from 'node:timers/promises';
import { DriverError } from '../drivers/errors.ts';
import { canonicalJson } from '../plan/canonical.ts';
import type { Journal, JournalEntry, JournalFact } from './contract.ts';
import type { JournalFile } from './journal-file.ts';
import { lineOf, nextEntry } from './journal-line.ts';

interface Waiting {
  readonly fact: JournalFact;
  readonly done: PromiseWithResolvers<void>;
}

/** Being written to: nobody may open the same file anew meanwhile, though whoever wrote holds it no more. */
const atWork = new Set<Journal>();

/** What a file held, and how to go on from there. Appends that wait together are one write and one flush. */
export function createJournal(from: {
  readonly name: string;
  readonly file: JournalFile;
  readonly entries: readonly JournalEntry[];
  /** Bytes that those entries take. */
  readonly length: number;
  readonly now: () => Date;
  /** Told once, when a write failed, with the bytes that are surely on disk. This journal takes nothing after it. */
  failed(durableBytes: number): void;
  /** Told when the run was closed in it. */
  closed(journal: Journal): void;
}): Journal {
  const { name, file } = from;
  const entries = [...from.entries];
  const once = new Map<string, { readonly text: string; readonly written: Promise<void> }>();
  for (const { fact } of entries) {
    const slot = onceOnly(fact);
    if (slot !== undefined) once.set(slot, { text: canonicalJson(fact), written: Promise.resolve() });
  }
  let length = from.length;
  let queue: Waiting[] = [];
  let writing = false;
  let broken: DriverError | undefined;

  const write = async (batch: readonly Waiting[]): Promise<void> => {
    const fresh: JournalEntry[] = [];
    for (const { fact } of batch) fresh.push(nextEntry(fresh.at(-1) ?? entries.at(-1), fact, from.now()));
    const bytes = Buffer.from(fresh.map(lineOf).join(''));
    await file.append(bytes);
    length += bytes.length;
    entries.push(...fresh);
  };

  const drain = async (): Promise<void> => {
    writing = true;
    atWork.add(journal);
    // One turn of the loop: verbs that run side by side reach their appends in it, and share the flush.
    for (await setImmediate(); queue.length > 0; ) {
      const batch = queue;
      queue = [];
      try {
        await write(batch);
        if (batch.some(({ fact }) => fact.type === 'closed')) from.closed(journal);
        for (const { done } of batch) done.resolve();
      } catch (error) {
        broken = notWritten(name, error);
        from.failed(length);
        for (const { done } of [...batch, ...queue]) done.reject(broken);
        queue = [];
      }
    }
    writing = false;
    atWork.delete(journal);
  };

  const journal: Journal = {
    entries: () => entries,
    append(fact) {
      if (broken !== undefined) return Promise.reject(broken);
      const text = textOf(name, fact);
      if (text instanceof DriverError) return Promise.reject(text);
      const slot = onceOnly(fact);
      const standing = slot === undefined ? undefined : once.get(slot);
      if (standing !== undefined) return standing.text === text ? standing.written : Promise.reject(taken(name, slot));
      const done = Promise.withResolvers<void>();
      queue.push({ fact: JSON.parse(text) as JournalFact, done });
      if (slot !== undefined) once.set(slot, { text, written: done.promise });
      if (!writing) void drain();
      return done.promise;
    },
  };
  return journal;
}

/** A copy is made at once: what the caller changes afterwards is not what it asked to have written. */
function textOf(name: string, fact: JournalFact): string | DriverError {
  try {
    return canonicalJson(fact);
  } catch (cause) {
    return new DriverError('refused', `journal ${name}: a fact of type ${fact.type} is not JSON; nothing was written`, {
      cause,
    });
  }
}

/** Facts that stand once: a repeated call that tells the same again changes nothing. */
function onceOnly(fact: JournalFact): string | undefined {
  if (fact.type === 'event') return `event ${fact.event}`;
  return fact.type === 'opened' || fact.type === 'closed' || fact.type === 'ended' ? fact.type : undefined;
}

const taken = (name: string, slot: string | undefined): DriverError =>
  new DriverError('conflict', `journal ${name}: ${slot} stands already, with other content; nothing was written`, {
    next: 'two workflows write under one run id: find out which of them holds the claim',
  });

/**
 * After a failed flush the kernel may show bytes that never reach the disk, so that nothing in the file past the last
 * good flush may be believed: this journal ends here, and the next opening cuts the file back.
 */
const notWritten = (name: string, cause: unknown): DriverError =>
  new DriverError('unavailable', `journal ${name}: could not be written (${String((cause as Error).message)})`, {
    cause,
    next: 'look at the disk that holds the journals: space, rights, mount',
  });
