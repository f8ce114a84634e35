import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DriverError } from '../drivers/errors.ts';
import { isName, type PlatformName, type RunId } from '../plan/ids.ts';
import type { Journal, JournalEntry, Journals } from './contract.ts';
import { isEnded } from './ended.ts';
import { type JournalFile, openJournalFile } from './journal-file.ts';
import { readChain } from './journal-line.ts';
import { createJournal } from './journal-writer.ts';

/**
 * One file a run, `<directory>/<platform>/<run>.jsonl`. Only one process may have a directory open: whoever opens it
 * owns the engines it serves (ownership.ts). Within it, every opening of one run is the same journal.
 */
export function openJournals(options: {
  readonly directory: string;
  /** The clock of the entries; judgement never reads it. */
  readonly now?: () => Date;
  readonly openFile?: (path: string) => Promise<JournalFile>;
}): Journals {
  const openFile = options.openFile ?? openJournalFile;
  const opened = new Map<string, Promise<Journal>>();
  /** Of runs that closed. Little is asked of them later: they are kept in memory as long as somebody holds them. */
  const closedOnes = new Map<string, WeakRef<Journal>>();
  const collected = new FinalizationRegistry<string>(path => {
    if (closedOnes.get(path)?.deref() === undefined) closedOnes.delete(path);
  });
  const rest = (path: string, journal: Journal): void => {
    closedOnes.set(path, new WeakRef(journal));
    collected.register(journal, path);
    opened.delete(path);
  };
  /** How much of a file whose write failed is known to be on disk: what lies after it was never told to anyone. */
  const durable = new Map<string, number>();

  const openOnce = async (path: string, name: string, platform: PlatformName, run: RunId): Promise<Journal> => {
    const file = await openFile(path);
    const bytes = await file.read();
    const { entries, length } = readChain(bytes.subarray(0, durable.get(path) ?? bytes.length), name);
    if (length < bytes.length) await file.cut(length);
    durable.delete(path);
    checkBelongs(entries, name, platform, run);
    return createJournal({
      name,
      file,
      entries,
      length,
      now: options.now ?? (() => new Date()),
      failed: known => {
        durable.set(path, known);
        opened.delete(path);
        closedOnes.delete(path);
      },
      closed: journal => rest(path, journal),
    });
  };

  /** Once ended, never open again: such a file is read once, however many runs there were. */
  const ended = new Set<string>();
  type Wanted = (entries: readonly JournalEntry[] | undefined, path: string) => boolean;
  const filter = async (platform: PlatformName, wanted: Wanted, known: ReadonlySet<string> = new Set()) => {
    const directory = join(options.directory, checked('platform', platform));
    const runs: RunId[] = [];
    for (const file of await list(directory)) {
      const run = file.slice(0, -'.jsonl'.length);
      const path = join(directory, file);
      if (!file.endsWith('.jsonl') || !isName(run) || known.has(path)) continue;
      if (wanted(await peek(path, `${platform}/${run}`), path)) runs.push(run as RunId);
    }
    return runs;
  };

  return {
    open(platform, run) {
      const name = `${checked('platform', platform)}/${checked('run', run)}`;
      const path = join(options.directory, `${name}.jsonl`);
      const known = opened.get(path);
      if (known !== undefined) return known;
      const resting = closedOnes.get(path)?.deref();
      if (resting !== undefined) return Promise.resolve(resting);
      const fresh = openOnce(path, name, platform, run).then(
        journal => {
          if (isClosed(journal.entries())) rest(path, journal);
          return journal;
        },
        error => {
          opened.delete(path);
          throw error instanceof DriverError ? error : unreadable(name, error);
        },
      );
      opened.set(path, fresh);
      return fresh;
    },

    async find(platform, run) {
      const files = await list(join(options.directory, checked('platform', platform)));
      return files.includes(`${checked('run', run)}.jsonl`) ? (await this.open(platform, run)).entries() : undefined;
    },
    findOpen: platform =>
      filter(
        platform,
        (entries, path) => {
          if (entries !== undefined && isEnded(entries)) ended.add(path);
          return entries === undefined || !isOver(entries);
        },
        ended,
      ),
    findUnsettled: platform => filter(platform, entries => entries !== undefined && isUnsettled(entries)),
  };
}

/** An empty journal touched nothing: each act has its intent on disk before it. */
const isOver = (entries: readonly JournalEntry[]): boolean => entries.length === 0 || isEnded(entries);

const isClosed = (entries: readonly JournalEntry[]): boolean => entries.some(({ fact }) => fact.type === 'closed');

const isUnsettled = (entries: readonly JournalEntry[]): boolean =>
  entries.some(({ fact }) => fact.type === 'closed' && fact.outcome === 'completed') &&
  !entries.some(({ fact }) => fact.type === 'settled');

/** Without cutting or opening it. @returns undefined for a journal that is broken: of that nothing is known, so it is not over */
async function peek(path: string, name: string): Promise<readonly JournalEntry[] | undefined> {
  try {
    return readChain(await readFile(path), name).entries;
  } catch (error) {
    if (error instanceof DriverError) return undefined;
    throw unreadable(name, error);
  }
}

/** A journal that was copied to another run's name is intact as a chain, and still tells of another run. */
function checkBelongs(entries: readonly JournalEntry[], name: string, platform: PlatformName, run: RunId): void {
  const other = entries.find(({ fact }) => fact.type === 'opened' && (fact.platform !== platform || fact.run !== run));
  if (other?.fact.type !== 'opened') return;
  const found = `${other.fact.platform}/${other.fact.run}`;
  throw new DriverError(
    'corrupt',
    `journal ${name}, line ${other.seq}: it is the journal of ${found}; nothing was changed`,
  );
}

function checked(what: string, name: string): string {
  if (isName(name)) return name;
  throw new DriverError('refused', `journal of ${what} ${JSON.stringify(name)}: not a name; nothing was changed`);
}

async function list(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw unreadable(directory, error);
  }
}

const unreadable = (name: string, cause: unknown): DriverError =>
  new DriverError('unavailable', `journal ${name}: ${String((cause as Error).message)}; the platform was not changed`, {
    cause,
    next: 'look at the disk that holds the journals: space, rights, mount',
  });
