import type { Answer, Asked } from '../http.ts';
import { type JournalEntry, openJournal } from '../journal.ts';
import { getEnv, type MakeRole } from '../role.ts';

/** One charge as it stands in PostgreSQL and in the journal. Cents. */
interface Charge extends JournalEntry {
  readonly wallet: string;
  readonly fee: number;
  readonly version: string;
  /** ISO 8601. */
  readonly at: string;
}

const TABLE = `create table if not exists charges (
  id uuid primary key, wallet text not null, amount bigint not null, fee bigint not null,
  version text not null, at timestamptz not null)`;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Charges the platform fee. A row in PostgreSQL and a flushed journal line stand before it acknowledges. */
export const ledger: MakeRole = async ({ version, faults, metrics }) => {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({
    host: getEnv('PGHOST'),
    user: getEnv('PGUSER'),
    password: getEnv('PGPASSWORD'),
    database: getEnv('PGDATABASE'),
    max: 4,
    connectionTimeoutMillis: 2000,
    statement_timeout: 3000,
    query_timeout: 3000,
  });
  pool.on('error', () => undefined);
  const journal = await openJournal<Charge>(getEnv('JOURNAL'));
  const feeBps = Number(getEnv('PLATFORM_FEE_BPS'));
  let table: Promise<unknown> | undefined;
  const query = async (text: string, values: unknown[] = []) => {
    table ??= pool.query(TABLE).catch((error: unknown) => {
      table = undefined;
      throw error;
    });
    await table;
    return (await pool.query(text, values)).rows as Record<string, unknown>[];
  };

  async function charge({ json }: Asked): Promise<Answer> {
    const { id, wallet, amount } = (await json()) as Partial<Charge>;
    if (typeof id !== 'string' || !UUID.test(id) || !Number.isSafeInteger(amount) || amount! <= 0 || !wallet)
      return { status: 400, body: { error: 'a charge is { id: uuid, wallet, amount: cents above zero }' } };
    const fee = faults.has('no-fee') ? 0 : Math.ceil((amount! * feeBps) / 10_000);
    const at = new Date().toISOString();
    const inserted = await query(
      'insert into charges values ($1, $2, $3, $4, $5, $6) on conflict (id) do nothing returning *',
      [id, wallet, amount, fee, version(), at],
    );
    const [row] = inserted.length > 0 ? inserted : await query('select * from charges where id = $1', [id]);
    const stands = toCharge(row!);
    if (inserted.length === 0 && (stands.amount !== amount || stands.wallet !== wallet))
      return { status: 409, body: { error: `charge ${id} stands already with another amount or wallet` } };
    await journal.append(stands);
    if (inserted.length > 0) {
      metrics.add('ledger_charges_total', 1);
      metrics.add('ledger_fee_cents_total', stands.fee);
    }
    return { status: 200, body: stands };
  }

  // A few rows a second, each once, old and new alike: ids are random.
  const damage = setInterval(() => {
    if (!faults.has('corrupt-rows')) return;
    query(`update charges set amount = amount + 1000000 where id =
      (select id from charges where amount < 1000000 order by id limit 1)`).catch(() => undefined);
  }, 250);
  return {
    routes: { 'POST /ledger/charge': charge },
    health: async () => {
      const ok = await query('select 1').then(
        () => true,
        () => false,
      );
      return { ok, fee: { enforced: !faults.has('no-fee'), bps: feeBps }, postgres: ok };
    },
    close: async () => {
      clearInterval(damage);
      await pool.end();
    },
  };
};

function toCharge(row: Record<string, unknown>): Charge {
  return {
    id: String(row['id']),
    wallet: String(row['wallet']),
    amount: Number(row['amount']),
    fee: Number(row['fee']),
    version: String(row['version']),
    at: (row['at'] as Date).toISOString(),
  };
}
