import { minutes } from '../../plan/duration.ts';
import type { SqlLogin } from '../../plan/plan.ts';
import { attempt } from '../attempt.ts';
import type { Look } from '../contract.ts';
import { DriverError } from '../errors.ts';
import type { ResolveSecret } from '../secrets.ts';
import { faultOf } from './answers.ts';
import { queryOnce, type Rows } from './session.ts';

/** A count of a large table takes long; the look's own deadline is the shorter. */
const LONGEST = minutes(10);
const BEAT_MS = 2_000;

export interface Count {
  readonly host: string;
  readonly query: string;
  readonly login: SqlLogin;
}

/**
 * Rows, as the plan's query counts them: a whole number, zero or more. No number is never zero.
 * @throws DriverError unavailable (no answer) | refused (the answer is no count) | missing (the password)
 */
export async function countSql({ host, query, login }: Count, resolve: ResolveSecret, look: Look): Promise<number> {
  const password = login.password === undefined ? '' : await resolve(login.password);
  const where = `count of rows in ${login.database} at ${host}:${login.port}`;
  const { signal, noAnswer } = attempt(look, LONGEST, LONGEST);
  // The server says nothing while it counts: that it is still asked is what there is to tell.
  const beat = setInterval(() => look.progress({ current: where }), BEAT_MS);
  let answer: Rows;
  try {
    answer = await queryOnce({ host, login, password, within: LONGEST, signal }, query);
  } catch (error) {
    if (signal.aborted) throw new DriverError('unavailable', `${where}: ${noAnswer('no answer').reason}`);
    const fault = faultOf(error, password);
    throw new DriverError(fault.kind === 'silent' ? 'unavailable' : 'refused', `${where}: ${fault.reason}`);
  } finally {
    clearInterval(beat);
  }
  return parseCount(where, answer);
}

/** Pure. @throws DriverError refused */
export function parseCount(where: string, { columns, rows }: Rows): number {
  const next = 'mend the count query of the plan';
  if (columns !== 1 || rows.length !== 1) {
    const found = `${rows.length} of ${columns} found`;
    throw new DriverError('refused', `${where}: 1 row of 1 column expected, ${found}`, { next });
  }
  const text = String(rows[0]![0]);
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(count)) return count;
  throw new DriverError('refused', `${where}: a whole number expected, ${JSON.stringify(text).slice(0, 80)} found`, {
    next,
  });
}
