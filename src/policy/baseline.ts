/** One probe's time to answer: structurally a ledger's sample. */
export interface Answered {
  readonly target: string;
  readonly probe: string;
  readonly answerMs: number;
}
export interface Asked extends Answered {
  readonly passed: boolean;
  readonly reason: string;
}

/** An answer is slow when it takes this much longer than it did, and longer by more than the noise. */
const TIMES = 3;
const NOISE_MS = 100;

/** Pure: what is worse than when the release earned good; empty when nothing is. */
export function worseThan(baseline: readonly Answered[], now: readonly Asked[]): string[] {
  return now.flatMap(asked => {
    const name = `${asked.target} ${asked.probe}`;
    if (!asked.passed) return [`${name}: ${asked.reason}`];
    const was = baseline.find(one => one.target === asked.target && one.probe === asked.probe);
    if (was === undefined) return [];
    const limit = was.answerMs * TIMES + NOISE_MS;
    return asked.answerMs > limit
      ? [`${name}: ${asked.answerMs} ms, baseline ${was.answerMs} ms, limit ${limit} ms`]
      : [];
  });
}
