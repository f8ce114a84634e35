import { type JournalEntry, openJournal } from '../journal.ts';
import { getEnv, type MakeRole } from '../role.ts';

/** One debit. `amount` is the price without the fee; cents. */
interface Debit extends JournalEntry {
  readonly wallet: string;
  readonly fee: number;
  readonly at: string;
}

/** Balances, kept as a journal of debits. */
export const wallet: MakeRole = async ({ faults }) => {
  const journal = await openJournal<Debit>(getEnv('JOURNAL'));
  // A few a second, each once, old and new alike: ids are random.
  const damage = setInterval(() => {
    if (!faults.has('corrupt-rows')) return;
    const sound = [...journal.entries()].filter(({ amount }) => amount < 1_000_000);
    const next = sound.sort((a, b) => (a.id < b.id ? -1 : 1))[0];
    if (next !== undefined) journal.damage(next.id, next.amount + 1_000_000).catch(() => undefined);
  }, 250);
  return {
    routes: {
      'POST /wallet/debit': async ({ json }) => {
        const { id, wallet: of, amount, fee, at } = (await json()) as Debit;
        await journal.append({ id, wallet: of, amount, fee, at });
        return { status: 200, body: { id } };
      },
      'GET /wallet/balances': async () => {
        const balances: Record<string, number> = {};
        for (const { wallet: of, amount, fee } of journal.entries()) balances[of] = (balances[of] ?? 0) - amount - fee;
        return { status: 200, body: balances };
      },
    },
    health: async () => ({ ok: true, debits: [...journal.entries()].length }),
    close: async () => clearInterval(damage),
  };
};
