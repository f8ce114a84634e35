import { setImmediate } from 'node:timers/promises';
import type { Look } from '../drivers/contract.ts';
import { orAborted } from './wait.ts';

interface Flight<T> {
  readonly given: AbortController;
  waiting: number;
  answer: Promise<T>;
}

/**
 * One question asked by many at once. Everyone gets an answer to a question that was put after they came, and answers
 * come in the order of their questions. A question that nobody waits for any more is aborted.
 */
export function singleFlight<T>(ask: (look: Look) => Promise<T>): (signal: AbortSignal) => Promise<T> {
  let boarding: Flight<T> | undefined;
  let before: Promise<unknown> = Promise.resolve();

  const board = (): Flight<T> => {
    const given = new AbortController();
    const ahead = before;
    const leave = async (): Promise<T> => {
      // Those who come in the same turn of the loop, or while the question ahead is out, share this one.
      await setImmediate();
      await ahead;
      boarding = undefined;
      if (flight.waiting === 0) throw new Error('nobody waits for the answer');
      return orAborted(ask({ signal: given.signal, progress: () => {} }), given.signal);
    };
    const flight: Flight<T> = { given, waiting: 0, answer: leave() };
    before = flight.answer.catch(() => {});
    return flight;
  };

  return async signal => {
    signal.throwIfAborted();
    boarding ??= board();
    const flight = boarding;
    flight.waiting += 1;
    try {
      return await orAborted(flight.answer, signal);
    } finally {
      flight.waiting -= 1;
      if (flight.waiting === 0 && flight !== boarding) flight.given.abort(signal.reason);
    }
  };
}
