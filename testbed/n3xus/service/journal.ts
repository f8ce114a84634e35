import { mkdirSync, readFileSync } from 'node:fs';
import { type FileHandle, open, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface JournalEntry {
  readonly id: string;
  readonly amount: number;
}

/** One JSON object a line, each id once, on the disk before `append` returns. */
export interface Journal<E extends JournalEntry> {
  find(id: string): E | undefined;
  entries(): Iterable<E>;
  /** Nothing happens when its id stands already. */
  append(entry: E): Promise<void>;
  /** What a corrupting release does: another amount under an id that stands. */
  damage(id: string, amount: number): Promise<void>;
}

/** @throws when a line other than the last is not JSON. A torn last line was never acknowledged and is cut off. */
export async function openJournal<E extends JournalEntry>(path: string): Promise<Journal<E>> {
  mkdirSync(dirname(path), { recursive: true });
  const { entries, bytes } = load<E>(path);
  let file: FileHandle = await open(path, 'a');
  await file.truncate(bytes);
  // One writer at a time, and one flush for all that came in meanwhile.
  let waiting: E[] = [];
  let flushing: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  const flush = async () => {
    next = undefined;
    const batch = waiting.filter(entry => !entries.has(entry.id));
    waiting = [];
    const fresh = [...new Map(batch.map(entry => [entry.id, entry])).values()];
    if (fresh.length === 0) return;
    await file.appendFile(fresh.map(entry => `${JSON.stringify(entry)}\n`).join(''));
    await file.datasync();
    for (const entry of fresh) entries.set(entry.id, entry);
  };
  const after = (act: () => Promise<void>): Promise<void> => {
    const done = flushing.then(act);
    flushing = done.catch(() => undefined);
    return done;
  };
  return {
    find: id => entries.get(id),
    entries: () => entries.values(),
    append(entry) {
      waiting.push(entry);
      next ??= after(flush);
      return next;
    },
    damage: (id, amount) =>
      after(async () => {
        const old = entries.get(id);
        if (old === undefined) return;
        entries.set(id, { ...old, amount });
        await writeFile(`${path}.new`, [...entries.values()].map(entry => `${JSON.stringify(entry)}\n`).join(''));
        await rename(`${path}.new`, path);
        await file.close();
        file = await open(path, 'a');
      }),
  };
}

function load<E extends JournalEntry>(path: string): { entries: Map<string, E>; bytes: number } {
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const entries = new Map<string, E>();
  for (const line of whole.split('\n')) {
    if (line === '') continue;
    const entry = JSON.parse(line) as E;
    entries.set(entry.id, entry);
  }
  return { entries, bytes: Buffer.byteLength(whole) };
}
