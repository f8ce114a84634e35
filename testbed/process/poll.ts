import { setTimeout as delay } from 'node:timers/promises';

export interface PollOptions {
  /** Finishes the sentence `waited 10 s for …`. */
  readonly what: string;
  readonly deadlineMs: number;
  readonly everyMs?: number;
}

/**
 * Asks until the answer is neither undefined nor false, or the deadline passes. A probe that throws has not answered yet.
 * @throws Error naming what was waited for, with the last failure as its cause
 */
export async function poll<T>(
  options: PollOptions,
  probe: () => Promise<T | undefined | false> | T | undefined | false,
) {
  const until = Date.now() + options.deadlineMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await probe();
      if (answer !== undefined && answer !== false) return answer as T;
    } catch (error) {
      if (error instanceof GiveUp) throw error;
      last = error;
    }
    if (Date.now() > until) {
      const why = last instanceof Error ? `: ${last.message}` : '';
      throw new Error(`waited ${options.deadlineMs / 1000} s for ${options.what}${why}`, { cause: last });
    }
    await delay(options.everyMs ?? 50);
  }
}

/** Thrown by a probe that knows that waiting on is of no use. */
export class GiveUp extends Error {}
