import { setTimeout as pause } from 'node:timers/promises';
import type { World } from '../../src/drivers/scripted/world.ts';

/** How long a test waits for what must come: far longer than it takes, so that only a run that hangs meets it. */
const PATIENCE_MS = 240_000;

/** What still moves once all is said to be over does so within this time. */
const AFTERMATH_MS = 20_000;

/** Asks again until it stands so. @throws once patience is over, or all is `over` for long, saying how it stood last */
export async function polled<T>(
  what: string,
  ask: () => Promise<T>,
  stands: (seen: T) => boolean,
  over: (seen: T) => boolean = () => false,
): Promise<T> {
  let end = Date.now() + PATIENCE_MS;
  for (let last: unknown; ; ) {
    const seen = await ask().catch(error => {
      last = error;
      return undefined;
    });
    if (seen !== undefined) last = seen;
    if (seen !== undefined && stands(seen)) return seen;
    if (seen !== undefined && over(seen)) end = Math.min(end, Date.now() + AFTERMATH_MS);
    if (Date.now() > end) throw new Error(`${what}: did not come; last ${JSON.stringify(last)?.slice(0, 2_000)}`);
    await pause(50);
  }
}

/** Of a run that was terminated: its last attempt hears of the end at its next heartbeat. */
export async function quiet({ world }: { readonly world: World }): Promise<void> {
  let last = { count: -1, at: Date.now() };
  const seen = async () => {
    const count = world.happenings.length;
    if (count !== last.count) last = { count, at: Date.now() };
    return Date.now() - last.at;
  };
  await polled('a world at rest', seen, still => still > 1_000);
}

export async function within<T>(work: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = pause(PATIENCE_MS, undefined, { signal: timer.signal }).then(() => {
    throw new Error('the run did not end');
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
    late.catch(() => undefined);
  }
}
