import { readFile } from 'node:fs/promises';
import { DriverError } from '../errors.ts';
import { type Attributes, type Disk, unless, writeDurably } from './disk.ts';
import type { Room } from './room.ts';

/**
 * Where a swap stands. It also says whose the entries at the top of the root are, so that no list of names is needed:
 * - `before`: the live tree's; the release's all lie in `staged`.
 * - `outgoing`: the live tree's, some perhaps in `outgoing` already; the release's all lie in `staged`.
 * - `staged`: the release's, some perhaps in `staged` still; the live tree's all lie in `outgoing`.
 * - `after`: the release's; the live tree's all lie in `outgoing`.
 */
export type Stage = 'before' | 'outgoing' | 'staged' | 'after';

export interface SwapJournal {
  readonly version: 1;
  readonly stage: Stage;
  /** The root's own mode and owner, as found and as staged: they are swapped too. */
  readonly outgoing: Attributes;
  readonly staged: Attributes;
}

const NAME = 'journal.json';
const STAGES: readonly Stage[] = ['before', 'outgoing', 'staged', 'after'];

/** Undefined when no swap was begun. @throws DriverError corrupt */
export async function readSwapJournal(room: Room): Promise<SwapJournal | undefined> {
  const text = await readFile(`${room.path}/${NAME}`, 'utf8').catch(unless('ENOENT', 'ENOTDIR'));
  if (text === undefined) return undefined;
  try {
    const journal = JSON.parse(text) as SwapJournal;
    if (
      journal.version === 1 &&
      STAGES.includes(journal.stage) &&
      isWhole(journal.outgoing) &&
      isWhole(journal.staged)
    ) {
      return journal;
    }
  } catch {
    // Said below.
  }
  throw new DriverError('corrupt', `${room.path}/${NAME}: cannot be read, so whose the live entries are is not known`, {
    next: 'put the right entries back by hand from staged and outgoing',
  });
}

export function writeSwapJournal(disk: Disk, room: Room, journal: SwapJournal): Promise<void> {
  return writeDurably(disk, room.path, NAME, `${JSON.stringify(journal)}\n`);
}

const isWhole = (attributes: Attributes | undefined): boolean =>
  [attributes?.mode, attributes?.uid, attributes?.gid].every(Number.isSafeInteger);
