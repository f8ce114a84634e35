import type { Loss } from '../../src/plan/run-plan.ts';
import type { Stores } from './read-stores.ts';
import type { TrafficRecord } from './traffic-record.ts';

/** Target -> the store that it is. */
const STORE_OF: Readonly<Record<string, keyof Stores>> = {
  'postgres-data': 'postgres',
  'ledger-data': 'ledgerJournal',
  'wallet-data': 'walletJournal',
};

export interface LossesCheck {
  /** Acknowledged charges that came after the capture and before the freeze. */
  readonly given: number;
  /** Charges that may have come then, and that nobody acknowledged: so much the count may be above `given`. */
  readonly doubtful: number;
  /** What does not agree with the stores or the traffic, one sentence each. */
  readonly wrong: readonly string[];
}

/**
 * Whether the rows that a run counted as lost are those that the stores and the users say: no fewer, and no more.
 * `capturedAt`: behind a shut ingress; `thawedAt`: when the first answer of the release was asked for. Ms since the epoch.
 */
export function judgeLosses(
  losses: readonly Pick<Loss, 'store' | 'rowsNow' | 'rowsThen' | 'lost'>[],
  stores: Stores,
  { acknowledged, reached }: Pick<TrafficRecord, 'acknowledged' | 'reached'>,
  { capturedAt, thawedAt }: { readonly capturedAt: number; readonly thawedAt: number },
): LossesCheck {
  /** May have been stored before the capture, and may not. */
  const open = new Set(
    [...reached].flatMap(([id, at]) =>
      at <= capturedAt && !((acknowledged.get(id)?.at ?? Number.POSITIVE_INFINITY) <= capturedAt) ? [id] : [],
    ),
  );
  const cameBetween = [...reached].filter(([, at]) => at > capturedAt && at < thawedAt).map(([id]) => id);
  const givenUp = new Set(cameBetween.filter(id => (acknowledged.get(id)?.askedAt ?? thawedAt) < thawedAt));
  const given = givenUp.size;
  const most = cameBetween.length + open.size;
  const wrong = Object.entries(STORE_OF).flatMap(([name, which]) => {
    const loss = losses.find(({ store }) => store === name);
    if (loss === undefined) return [`${name}: no loss was counted`];
    const { rowsNow, rowsThen, lost } = loss;
    const rows = stores[which];
    const since = rows.filter(({ id }) => (reached.get(id) ?? 0) > capturedAt).length;
    const held = rows.length - since;
    const least = held - rows.filter(({ id }) => open.has(id)).length;
    const stands = rows.filter(({ id }) => givenUp.has(id)).length;
    return [
      ...(stands === 0 ? [] : [`${name}: ${stands} rows that were given up stand in it`]),
      ...(lost === rowsNow - rowsThen ? [] : [`${name}: ${rowsNow} - ${rowsThen} rows are not ${lost}`]),
      ...(rowsThen >= least && rowsThen <= held
        ? []
        : [
            `${name}: ${rowsThen} rows were in the capture, ${rows.length} stand - ${since} since = ${held} (${least} at least)`,
          ]),
      ...(lost >= given && lost <= most
        ? []
        : [`${name}: ${lost} rows were counted lost, and ${given} to ${most} were written since the capture`]),
    ];
  });
  return { given, doubtful: most - given, wrong };
}
