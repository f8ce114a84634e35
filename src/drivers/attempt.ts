import { formatDuration, seconds } from '../plan/duration.ts';
import type { Evidence, Look } from './contract.ts';

/** A plan says how long a probe is tried again; one try that hangs must not use all of it up. */
const LONGEST_TRY = seconds(5);

/** One try at something that may never answer. */
export interface Attempt {
  /** Milliseconds that this try has. */
  readonly within: number;
  /** Aborted at the deadline, or when the look is. */
  readonly signal: AbortSignal;
  /** Why there is no answer: the deadline, the cancellation, or `otherwise`. */
  noAnswer(otherwise: string): Evidence;
}

/**
 * @param allowed how long it may take in all, milliseconds
 * @param longest how long one try may take
 */
export function attempt(look: Pick<Look, 'signal'>, allowed: number, longest: number = LONGEST_TRY): Attempt {
  const within = Math.min(allowed, longest);
  const deadline = AbortSignal.timeout(within);
  return {
    within,
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
