import { formatDuration } from '../plan/duration.ts';
import type { Evidence, Look } from './contract.ts';

/** One try at something that may never answer. */
export interface Attempt {
  /** Aborted at the deadline, or when the look is. */
  readonly signal: AbortSignal;
  /** Why there is no answer: the deadline, the cancellation, or `otherwise`. */
  noAnswer(otherwise: string): Evidence;
}

/** @param within the deadline of this try, milliseconds */
export function attempt(look: Pick<Look, 'signal'>, within: number): Attempt {
  const deadline = AbortSignal.timeout(within);
  return {
    signal: AbortSignal.any([look.signal, deadline]),
    noAnswer: otherwise => {
      if (look.signal.aborted) return inconclusive('cancelled before an answer came');
      return inconclusive(deadline.aborted ? `no answer within ${formatDuration(within)}` : otherwise);
    },
  };
}

export const passed = (reason: string): Evidence => ({ verdict: 'passed', reason });
export const failed = (reason: string): Evidence => ({ verdict: 'failed', reason });
export const inconclusive = (reason: string): Evidence => ({ verdict: 'inconclusive', reason });
/** The same evidence, saying of what it is. */
export const about = (what: string, { verdict, reason }: Evidence): Evidence => ({
  verdict,
  reason: `${what}: ${reason}`,
});

/** What a system call said, as `ECONNREFUSED`; else its first words. */
export function causeOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return typeof code === 'string'
    ? code
    : String(message ?? error)
        .split('\n')[0]!
        .slice(0, 120);
}
