import type { JournalEntry } from '../executor/contract.ts';
import type { PlatformName, RunId } from '../plan/ids.ts';
import type { Deps } from './deps.ts';
import { openedIn } from './journal-facts.ts';

/** Of whose objects the chain tells, who is known to belong to it, and who is left out. */
interface Chain {
  readonly objectsOf: RunId;
  readonly known: readonly RunId[];
  readonly but?: RunId;
}

/**
 * What a run did, then what each did that took it over, in the order in which they began. None of them is ended as long
 * as the last one is not.
 */
export async function chainOf(
  { journals }: Pick<Deps, 'journals'>,
  platform: PlatformName,
  { objectsOf, known, but }: Chain,
): Promise<readonly JournalEntry[]> {
  const concerned = new Set([objectsOf, ...known, ...(await journals.findOpen(platform))]);
  const opened = await Promise.all([...concerned].map(one => journals.open(platform, one)));
  return opened
    .map(journal => journal.entries())
    .filter(entries => {
      const first = openedIn(entries);
      return first?.run !== but && (first?.run === objectsOf || first?.onBehalfOf === objectsOf);
    })
    .sort(([a], [b]) => ((a?.at ?? '') < (b?.at ?? '') ? -1 : 1))
    .flat();
}
