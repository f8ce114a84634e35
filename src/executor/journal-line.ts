import { createHash } from 'node:crypto';
import { DriverError } from '../drivers/errors.ts';
import { canonicalJson, canonicalLine } from '../plan/canonical.ts';
import type { JournalEntry, JournalFact } from './contract.ts';

/** `prev` of a journal's first entry. */
export const NO_ENTRY = '0'.repeat(64);

const hashOf = (prev: string, seq: number, at: string, fact: unknown): string =>
  createHash('sha256').update(prev).update(canonicalJson({ at, fact, seq })).digest('hex');

/** The entry that follows `last`. The fact is plain JSON. */
export function nextEntry(last: JournalEntry | undefined, fact: JournalFact, at: Date): JournalEntry {
  const prev = last?.hash ?? NO_ENTRY;
  const seq = (last?.seq ?? 0) + 1;
  const time = at.toISOString();
  return { seq, at: time, fact, prev, hash: hashOf(prev, seq, time, fact) };
}

/** One line, newline included. There is exactly one way to write an entry, so that every changed byte is seen. */
export const lineOf = (entry: JournalEntry): string => canonicalLine(entry);

/**
 * A journal's entries and how many bytes of it they take. Bytes after the last newline are a line that a crash tore:
 * nobody was told that it stood, so they are not counted and may be cut off. Anything else amiss is `corrupt`.
 *
 * What a lone chain does not show: whole lines missing at its end, and a chain written anew from an earlier line on.
 * Whoever must see that keeps the last entry's hash elsewhere; the report of a run carries it.
 * @throws DriverError corrupt, naming the line
 */
export function readChain(bytes: Uint8Array, name: string): { entries: JournalEntry[]; length: number } {
  const entries: JournalEntry[] = [];
  let start = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
    const entry = readLine(bytes.subarray(start, end), entries.at(-1));
    if (typeof entry === 'string') throw broken(name, entries.length + 1, entry);
    entries.push(entry);
    start = end + 1;
  }
  // A torn line is the head of a line. A whole line with another byte where its newline was is damage, not a tear.
  const tail = bytes.subarray(start, -1);
  if (typeof readLine(tail, entries.at(-1)) !== 'string') throw broken(name, entries.length + 1, 'its newline is gone');
  return { entries, length: start };
}

/** Whether entries that are held in memory are one intact chain. Returns what is wrong, or nothing. */
export function findBreak(entries: readonly JournalEntry[]): string | undefined {
  let last: JournalEntry | undefined;
  for (const entry of entries) {
    const wrong = breakBetween(last, entry);
    if (wrong !== undefined) return `entry ${(last?.seq ?? 0) + 1}: ${wrong}`;
    last = entry;
  }
  return undefined;
}

function readLine(line: Uint8Array, last: JournalEntry | undefined): JournalEntry | string {
  let text: string;
  let entry: JournalEntry;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(line);
    entry = JSON.parse(text) as JournalEntry;
  } catch {
    return 'it is not JSON';
  }
  if (entry === null || typeof entry !== 'object' || typeof entry.fact !== 'object') return 'it is not an entry';
  if (canonicalJson(entry) !== text) return 'it is not written as an entry is';
  return breakBetween(last, entry) ?? entry;
}

function breakBetween(last: JournalEntry | undefined, entry: JournalEntry): string | undefined {
  const seq = (last?.seq ?? 0) + 1;
  if (entry.seq !== seq) return `number ${seq} expected, ${entry.seq} found`;
  if (entry.prev !== (last?.hash ?? NO_ENTRY)) return 'it does not follow from the entry before';
  return entry.hash === hashOf(entry.prev, entry.seq, entry.at, entry.fact) ? undefined : 'its hash is another';
}

const broken = (name: string, line: number, what: string): DriverError =>
  new DriverError('corrupt', `journal ${name}, line ${line}: ${what}; the platform was not changed`, {
    next: 'keep the file as it is and compare it with a backup; the run it tells of cannot be trusted to continue by itself',
  });
