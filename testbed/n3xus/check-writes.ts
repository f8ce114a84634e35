import type Docker from 'dockerode';
import { type Row, readStores, type Stores } from './read-stores.ts';
import type { Acknowledged, TrafficRecord } from './traffic-record.ts';

/** What one store did to the acknowledged charges: ids. */
export interface StoreCheck {
  readonly rows: number;
  readonly missing: readonly string[];
  readonly doubled: readonly string[];
  /** Another amount or fee than was acknowledged. */
  readonly altered: readonly string[];
  /** Rows that the traffic acknowledged after `upTo`, and that a store put back to `upTo` cannot have. */
  readonly later: readonly string[];
}

export interface WritesCheck {
  /** Acknowledged charges looked for. */
  readonly checked: number;
  readonly stores: Readonly<Record<keyof Stores, StoreCheck>>;
  readonly missing: number;
  readonly doubled: number;
  readonly altered: number;
  readonly later: number;
  /** Each acknowledged charge stands once, as acknowledged, in every store. */
  readonly whole: boolean;
}

export interface CheckOptions {
  /** Only what was acknowledged until then is looked for; ms since the epoch. */
  readonly upTo?: number;
}

/**
 * Compares what was acknowledged with what the stores hold.
 * Charges that were asked for and never acknowledged may stand or not.
 * @throws Error when a store cannot be read: no number is never zero
 */
export async function checkWrites(
  engine: Docker,
  record: Pick<TrafficRecord, 'acknowledged'>,
  options: CheckOptions = {},
): Promise<WritesCheck> {
  return judgeWrites(await readStores(engine), [...record.acknowledged.values()], options);
}

/** The judgement alone. */
export function judgeWrites(
  stores: Stores,
  acknowledged: readonly Acknowledged[],
  { upTo }: CheckOptions,
): WritesCheck {
  const limit = upTo ?? Number.POSITIVE_INFINITY;
  const due = acknowledged.filter(({ at }) => at <= limit);
  const later = new Set(acknowledged.filter(({ at }) => at > limit).map(({ id }) => id));
  const checks = {
    postgres: judgeStore(stores.postgres, due, later),
    ledgerJournal: judgeStore(stores.ledgerJournal, due, later),
    walletJournal: judgeStore(stores.walletJournal, due, later),
  };
  const sum = (of: 'missing' | 'doubled' | 'altered' | 'later') =>
    Object.values(checks).reduce((total, check) => total + check[of].length, 0);
  const [missing, doubled, altered] = [sum('missing'), sum('doubled'), sum('altered')];
  const whole = missing + doubled + altered === 0;
  return { checked: due.length, stores: checks, missing, doubled, altered, later: sum('later'), whole };
}

function judgeStore(rows: readonly Row[], due: readonly Acknowledged[], later: ReadonlySet<string>): StoreCheck {
  const byId = Map.groupBy(rows, ({ id }) => id);
  const ids = (keep: (charge: Acknowledged, found: readonly Row[]) => boolean) =>
    due.filter(charge => keep(charge, byId.get(charge.id) ?? [])).map(({ id }) => id);
  return {
    rows: rows.length,
    missing: ids((_, found) => found.length === 0),
    doubled: ids((_, found) => found.length > 1),
    altered: ids(({ amount, fee }, found) => found.some(row => row.amount !== amount || row.fee !== fee)),
    later: [...later].filter(id => byId.has(id)),
  };
}
