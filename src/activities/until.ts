import { setTimeout as pause } from 'node:timers/promises';
import type { Evidence, Look } from '../drivers/contract.ts';

/** Between two looks at something that is on its way: tight, for it is outage. */
const BETWEEN_MS = 100;
/** Left of a phase's time to say what is still missing. */
const MARGIN_MS = 1_500;

/** Asks again until it passes, `hopeless` says that it never will, or the phase's time is nearly over. The last answer stands. */
export async function until(
  s: { order: { until: number }; look: Look },
  ask: () => Promise<Evidence>,
  hopeless: (evidence: Evidence) => boolean = () => false,
): Promise<Evidence> {
  for (;;) {
    const evidence = await ask();
    if (evidence.verdict !== 'inconclusive') s.look.progress({ current: evidence.reason.slice(0, 120) });
    const over = Date.now() + MARGIN_MS > s.order.until || s.look.signal.aborted;
    if (evidence.verdict === 'passed' || over || hopeless(evidence)) return evidence;
    await pause(BETWEEN_MS);
  }
}
