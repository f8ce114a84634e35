import { poll } from '../process/poll.ts';
import type { Platform } from './platform.ts';
import { SERVICES } from './service/directory.ts';
import { type Fault, parseFaults } from './service/faults.ts';

/** What one service says of itself through the ingress; status 0 when nobody answered. */
export interface ServiceHealth {
  readonly service: string;
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The services that answer HTTP: all but the stores, whose state the ledger and the front API report. */
export const ASKED: readonly string[] = SERVICES.filter(({ role }) => role !== 'postgres' && role !== 'redis').map(
  ({ name }) => name,
);

export async function askHealth({ url }: Pick<Platform, 'url'>, service: string): Promise<ServiceHealth> {
  try {
    const answer = await fetch(`${url}/status/${service}`, { signal: AbortSignal.timeout(3000) });
    const text = await answer.text();
    return { service, status: answer.status, body: text.startsWith('{') ? JSON.parse(text) : {} };
  } catch {
    return { service, status: 0, body: {} };
  }
}

/** Faults that keep a service from ever being healthy. */
const FATAL: readonly Fault[] = ['no-start', 'no-listen', 'restart-loop'];

/**
 * Waits until each service answers its health with 200, but those whose faults never let them.
 * @throws Error naming who did not, and what they said
 */
export async function awaitHealthy(
  platform: Pick<Platform, 'url'>,
  { withinMs, faults }: { withinMs: number; faults: string },
): Promise<void> {
  let waiting = ASKED.filter(service => {
    const mine = parseFaults(faults, service);
    return !FATAL.some(fault => mine.has(fault));
  });
  await poll({ what: 'every service to be healthy', deadlineMs: withinMs, everyMs: 100 }, async () => {
    const answers = await Promise.all(waiting.map(service => askHealth(platform, service)));
    const sick = answers.filter(({ status }) => status !== 200);
    waiting = sick.map(({ service }) => service);
    if (sick.length > 0)
      throw new Error(
        sick.map(({ service, status, body }) => `${service} ${status} ${JSON.stringify(body)}`).join('; '),
      );
    return true;
  });
}
