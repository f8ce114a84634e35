import { formatDuration } from '../src/plan/duration.ts';

/** Where a part of the testbed tells what it is doing, one line at a time. */
export type Say = (line: string) => void;

export const sayToStderr: Say = line => process.stderr.write(`${line}\n`);

/**
 * Repeats a line with the time gone by while `work` goes on, so that a long wait never looks like a hang.
 * @param current asked each time; what is going on just now, empty when nothing is known
 */
export async function sayWhile<T>(
  say: Say,
  what: string,
  everyMs: number,
  work: Promise<T>,
  current: () => string = () => '',
): Promise<T> {
  const began = Date.now();
  const timer = setInterval(() => {
    const now = current();
    say(`  ${what}: ${formatDuration(Date.now() - began)}${now === '' ? '' : `, ${now}`}`);
  }, everyMs);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
