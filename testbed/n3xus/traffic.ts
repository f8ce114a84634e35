import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { askIngress } from './ask-ingress.ts';
import { CLIENT_TOKEN } from './releases.ts';
import { READS } from './service/directory.ts';
import type { Answer, Charge, TrafficRecord } from './traffic-record.ts';
import { createTrafficRecord } from './traffic-record.ts';

export interface TrafficOptions {
  /** Of the ingress: `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Requests begun a second. */
  readonly rate?: number;
  /** Stops by itself after so many requests. */
  readonly total?: number;
  /** Of every so many requests one is a charge. */
  readonly chargeEvery?: number;
  /** Requests under way at once; beyond it none is begun. */
  readonly atOnce?: number;
  readonly token?: string;
}

export interface Traffic {
  /** What has been seen until now; grows. */
  readonly record: TrafficRecord;
  /** Ends it, waits for what is under way, and returns the whole record. */
  stop(): Promise<TrafficRecord>;
}

const PATHS = ['/health', '/api/auth/health', ...Object.keys(READS)];
/** An unanswered charge is asked again under its own id, as a client must: a repeat changes nothing. */
const TRIES = 3;

/**
 * Users of the platform: reads and charges through the ingress at a bounded rate. Nothing stops it but `stop` and its
 * total; what fails is recorded, and failed charges come again.
 */
export function startTraffic(options: TrafficOptions): Traffic {
  const { url, rate = 30, total = 50_000, chargeEvery = 3, atOnce = 32, token = CLIENT_TOKEN } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const record = createTrafficRecord();
  const stopped = new AbortController();
  const underWay = new Set<Promise<void>>();
  const again: { charge: Charge; tries: number; after: number }[] = [];

  const read = async (path: string) => {
    const { body: _, ...answer } = await askIngress({ url, path, agent });
    record.answers.push(answer);
  };
  const charge = async (order: Charge, tries: number) => {
    record.attempted.set(order.id, order);
    const { body, ...answer } = await askIngress({ url, path: '/api/charge', agent, token, body: order });
    record.answers.push(answer);
    if (answer.error !== 'ECONNREFUSED' && !record.reached.has(order.id)) record.reached.set(order.id, answer.at);
    if (answer.status === 200) record.acknowledge(order, answer as Answer & { status: 200 }, body);
    else if (tries < TRIES) again.push({ charge: order, tries: tries + 1, after: Date.now() + 500 });
  };
  const one = (count: number): Promise<void> => {
    const due = again.findIndex(({ after }) => after <= Date.now());
    if (due >= 0) {
      const { charge: order, tries } = again.splice(due, 1)[0]!;
      return charge(order, tries);
    }
    if (count % chargeEvery !== 0) return read(PATHS[count % PATHS.length]!);
    return charge({ id: randomUUID(), wallet: `wallet-${count % 7}`, amount: 100 + ((count * 37) % 9900) }, 1);
  };

  const began = performance.now();
  const loop = (async () => {
    for (let count = 1; count <= total && !stopped.signal.aborted; count += 1) {
      if (underWay.size < atOnce) {
        const asked = one(count).finally(() => underWay.delete(asked));
        underWay.add(asked);
      }
      const wait = began + (count * 1000) / rate - performance.now();
      if (wait > 0) await delay(wait, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  })();
  return {
    record,
    async stop() {
      stopped.abort();
      await loop;
      await Promise.all(underWay);
      agent.destroy();
      return record;
    },
  };
}
