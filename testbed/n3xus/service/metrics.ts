/** Counts of one service since it started, in the Prometheus text format. */
export interface Metrics {
  answered(code: number, seconds: number): void;
  /** A counter of its own, as `ledger_fees_total`. */
  add(name: string, amount: number): void;
  text(): string;
}

/** Upper bounds of the request time, in seconds. */
const BOUNDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5];

export function createMetrics(service: string, version: () => string): Metrics {
  const byCode = new Map<number, number>();
  const extra = new Map<string, number>();
  const buckets = BOUNDS.map(() => 0);
  let seconds = 0;
  let count = 0;
  return {
    answered(code, took) {
      byCode.set(code, (byCode.get(code) ?? 0) + 1);
      seconds += took;
      count += 1;
      for (const [at, bound] of BOUNDS.entries()) if (took <= bound) buckets[at] = buckets[at]! + 1;
    },
    add(name, amount) {
      extra.set(name, (extra.get(name) ?? 0) + amount);
    },
    text() {
      const of = `service="${service}",version="${version()}"`;
      return `${[
        '# TYPE up gauge',
        `up{${of}} 1`,
        '# TYPE requests_total counter',
        ...[...byCode].map(([code, n]) => `requests_total{${of},code="${code}"} ${n}`),
        '# TYPE request_seconds histogram',
        ...BOUNDS.map((bound, at) => `request_seconds_bucket{${of},le="${bound}"} ${buckets[at]}`),
        `request_seconds_bucket{${of},le="+Inf"} ${count}`,
        `request_seconds_sum{${of}} ${seconds}`,
        `request_seconds_count{${of}} ${count}`,
        ...[...extra].flatMap(([name, n]) => [`# TYPE ${name} counter`, `${name}{${of}} ${n}`]),
      ].join('\n')}\n`;
    },
  };
}
