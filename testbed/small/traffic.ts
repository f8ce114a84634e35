import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Small } from './platform.ts';

/** What a user of the small platform saw. Times are ms since the epoch. */
export interface SmallAnswer {
  readonly askedAt: number;
  readonly at: number;
  /** 0: none. */
  readonly status: number;
  /** `front` -> `v1`; empty when nobody signed. */
  readonly servedBy: Readonly<Record<string, string>>;
}

export interface SmallRecord {
  readonly answers: readonly SmallAnswer[];
  /** Id -> when it was acknowledged. */
  readonly acknowledged: ReadonlyMap<string, number>;
  /** Writes that were asked for and not acknowledged: id -> when they were asked for. They may have been done. */
  readonly doubtful: ReadonlyMap<string, number>;
}

export interface SmallTraffic {
  stop(): Promise<SmallRecord>;
}

/** Users: questions at a rate (a second), every third of them a write under an id of its own, asked once. */
export function startSmallTraffic({ url }: Pick<Small, 'url'>, rate = 6): SmallTraffic {
  const stopped = new AbortController();
  const answers: SmallAnswer[] = [];
  const acknowledged = new Map<string, number>();
  const doubtful = new Map<string, number>();
  const underWay = new Set<Promise<void>>();

  const ask = async (count: number): Promise<void> => {
    const id = count % 3 === 0 ? randomUUID() : undefined;
    const askedAt = Date.now();
    const query = id === undefined ? 'read' : `write=${id}`;
    // An answer that is cut off in its middle is none.
    const [status, text] = await fetch(`${url}/cgi-bin/ask?${query}`, { signal: AbortSignal.timeout(8_000) })
      .then(async answer => [answer.status, await answer.text()] as const)
      .catch(() => [0, ''] as const);
    const at = Date.now();
    answers.push({ askedAt, at, status, servedBy: status === 200 ? parse(text) : {} });
    if (id === undefined) return;
    if (status === 200 && text.includes('store@')) acknowledged.set(id, at);
    else doubtful.set(id, askedAt);
  };
  const loop = (async () => {
    for (let count = 0; !stopped.signal.aborted; count += 1) {
      if (underWay.size < 8) {
        const asked = ask(count).finally(() => underWay.delete(asked));
        underWay.add(asked);
      }
      await delay(1_000 / rate, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  })();
  return {
    async stop() {
      stopped.abort();
      await loop;
      await Promise.all(underWay);
      return { answers, acknowledged, doubtful };
    },
  };
}

const parse = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .trim()
      .split(/[,\s]+/)
      .map(part => part.split('@'))
      .filter((pair): pair is [string, string] => pair.length === 2),
  );
