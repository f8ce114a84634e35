/** Who is measured: the runbook as a script, lastgood, and the same engine calls with nothing around them. */
export const CONTENDERS = ['script', 'lastgood', 'floor'] as const;
export type Contender = (typeof CONTENDERS)[number];

/** One rollback of one contender. Seconds. */
export interface Sample {
  readonly contender: Contender;
  readonly round: number;
  /** From the last good answer of the ingress before to the first good one after, as a user sees it. */
  readonly outage: number;
  /** From the command to its end. */
  readonly total: number;
}

/** Medians in seconds; the ratios are of the medians. */
export interface Comparison {
  readonly lastgood: number;
  readonly script: number;
  readonly floor: number;
  /** lastgood / script. */
  readonly vsScript: number;
  /** lastgood / floor. */
  readonly vsFloor: number;
}

export interface Figures {
  readonly outage: Comparison;
  readonly total: Comparison;
  /** Median time between two steps on the outage path in which nothing of the run was under way. Milliseconds. */
  readonly stepMs: number;
  /** The most memory that the worker had at once (VmHWM). MB of 1024 * 1024 bytes. */
  readonly workerRssMb: number;
}

/**
 * @param gaps every time between two steps, of every run of lastgood, milliseconds
 * @param workerRss bytes
 * @throws Error when a contender has no sample or one of its figures is no time: no data is never a good figure
 */
export function figuresOf(samples: readonly Sample[], gaps: readonly number[], workerRss: number): Figures {
  if (!(workerRss > 0)) throw new Error(`the worker's memory is ${workerRss}: it was not read`);
  return {
    outage: compare(samples, 'outage'),
    total: compare(samples, 'total'),
    stepMs: rounded(median(gaps, 'times between steps'), 1),
    workerRssMb: rounded(workerRss / 1_048_576, 1),
  };
}

function compare(samples: readonly Sample[], what: 'outage' | 'total'): Comparison {
  const of = (contender: Contender) =>
    median(
      samples.filter(sample => sample.contender === contender).map(sample => sample[what]),
      `${what} of ${contender}`,
    );
  const [lastgood, script, floor] = [of('lastgood'), of('script'), of('floor')];
  return {
    lastgood: rounded(lastgood, 3),
    script: rounded(script, 3),
    floor: rounded(floor, 3),
    vsScript: rounded(lastgood / script, 3),
    vsFloor: rounded(lastgood / floor, 3),
  };
}

/** @throws Error when there is none, or one that is no time; none of them above zero is none measured */
export function median(values: readonly number[], what: string): number {
  const sorted = values.toSorted((a, b) => a - b);
  const wrong = sorted.find(value => !(value >= 0 && Number.isFinite(value)));
  if (sorted.length === 0 || wrong !== undefined || sorted.at(-1) === 0)
    throw new Error(`${what}: ${sorted.length === 0 ? 'none was measured' : `${wrong ?? 0} is no time`}`);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));
