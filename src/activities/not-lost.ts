import type { SwappedBack } from '../drivers/contract.ts';
import { DriverError } from '../drivers/errors.ts';
import type { JournalFact } from '../executor/contract.ts';
import type { Target } from '../plan/plan.ts';
import { chainOf } from './chain.ts';
import type { Session } from './session.ts';

/**
 * A volume is the same whatever lies in it: that there is nothing to swap back is believed only where the journal says
 * that the data is the found one. Where it does not, what was staged tells: it lies beside the live tree for as long as
 * that was not swapped, and again once it was swapped back.
 * @throws DriverError missing when what undo kept of the volume is gone
 */
export async function mustNotBeLost(s: Session, target: Target, { nothingBeside }: SwappedBack): Promise<void> {
  const entries = await chainOf(s.deps, s.order.platform, { objectsOf: s.objectsOf, known: [s.run] });
  const data = dataBy(entries.flatMap(({ fact }) => (isOfSwap(fact) && fact.key.target === target.id ? [fact] : [])));
  if (data === 'set aside')
    throw lost(
      `${target.id}: its data was set aside by this run, and what undo kept of it is gone`,
      'Put it back by hand from a backup, then hand the run over.',
    );
  if (data === 'unknown' && nothingBeside === true)
    throw lost(
      `${target.id}: a swap of its data was begun and not seen to its end, and neither what undo would keep of it nor what was staged is there`,
      'Look which data lies in it, by its rows say, before anything is put back; then hand the run over.',
    );
}

type OfSwap = Extract<JournalFact, { type: 'intent' | 'done' | 'failed' }>;
const isOfSwap = (fact: JournalFact): fact is OfSwap =>
  (fact.type === 'intent' || fact.type === 'done' || fact.type === 'failed') && fact.key.step === 'swap-in';

type Whereabouts = 'in place' | 'set aside' | 'unknown';

/** Where the found data lies, by what was done to it. A swap that failed may have failed half-way. */
function dataBy(facts: readonly OfSwap[]): Whereabouts {
  let before: Whereabouts = 'in place';
  let now: Whereabouts = 'in place';
  for (const fact of facts) {
    if (fact.type === 'intent') {
      before = now;
      now = 'unknown';
    } else if (fact.type === 'failed') now = before === 'in place' ? 'unknown' : before;
    else now = fact.key.direction === 'forward' ? 'set aside' : 'in place';
  }
  return now;
}

const lost = (what: string, next: string): DriverError =>
  new DriverError('missing', `${what}; nothing was changed by this attempt`, { next, foreign: true });
