import { get } from 'node:http';

/** One question to the ingress. Milliseconds of the monotonic clock. */
export interface Asked {
  readonly askedAt: number;
  readonly answeredAt: number;
  /** 200, as a user wants it. */
  readonly good: boolean;
}

export interface Outage {
  /** Milliseconds from the last good answer before to the first good one after. */
  readonly ms: number;
  /** Other stretches without a good answer, longer than `NOTEWORTHY_MS`: traffic came back and went again. */
  readonly others: readonly number[];
}

export interface Prober {
  readonly asked: readonly Asked[];
  /** Good answers since then. */
  goodSince(at: number): number;
  stop(): Promise<void>;
}

const EVERY_MS = 50;
/** Whoever waits that long for a health page has none: no more than twenty wait at once. */
const PATIENCE_MS = 1_000;
const NOTEWORTHY_MS = 1_000;

/**
 * Asks the ingress for its health every 50 ms, each time over a connection of its own, as a new user does. One that is
 * left without an answer keeps no other waiting.
 */
export function startProber(url: string): Prober {
  const asked: Asked[] = [];
  const underWay = new Set<Promise<void>>();
  const timer = setInterval(() => {
    const askedAt = performance.now();
    const one: Promise<void> = isGood(url).then(good => {
      asked.push({ askedAt, answeredAt: performance.now(), good });
      underWay.delete(one);
    });
    underWay.add(one);
  }, EVERY_MS);
  return {
    asked,
    goodSince: at => asked.filter(one => one.good && one.askedAt >= at).length,
    async stop() {
      clearInterval(timer);
      await Promise.all(underWay);
    },
  };
}

function isGood(url: string): Promise<boolean> {
  return new Promise(resolve => {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const request = get(`${url}/health`, { agent: false, signal }, answer => {
      answer.on('error', () => resolve(false));
      answer.on('end', () => resolve(answer.statusCode === 200));
      answer.resume();
    });
    request.on('error', () => resolve(false));
  });
}

/**
 * The longest time without a good answer, from the command on. Pure.
 * @throws Error when traffic was never refused in it, or there is no good answer on both sides: then nothing was measured
 */
export function outageOf(asked: readonly Asked[], since: number): Outage {
  const seen = asked.toSorted((a, b) => a.answeredAt - b.answeredAt);
  const all = seen.filter(one => one.good);
  // A command may shut the ingress before another good answer came: the last one before it counts.
  const first = all.findLastIndex(one => one.answeredAt < since);
  const good = all.slice(Math.max(first, 0));
  const gaps = good.slice(1).map((one, at) => ({ from: good[at]!.answeredAt, to: one.answeredAt }));
  const longest = gaps.reduce((a, b) => (b.to - b.from > a.to - a.from ? b : a), { from: 0, to: 0 });
  const refused = seen.some(one => !one.good && one.answeredAt >= longest.from && one.answeredAt <= longest.to);
  if (!refused) throw new Error('the ingress was never seen shut between two good answers: no outage was measured');
  const others = gaps.filter(gap => gap !== longest && gap.to - gap.from > NOTEWORTHY_MS);
  return { ms: longest.to - longest.from, others: others.map(gap => gap.to - gap.from) };
}
