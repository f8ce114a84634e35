import type { ProbeSpec } from '../../plan/plan.ts';
import { attempt, failed, inconclusive, passed } from '../attempt.ts';
import type { Evidence, Look } from '../contract.ts';
import type { ResolveSecret } from '../secrets.ts';
import { faultOf } from './answers.ts';
import { queryOnce, type Rows } from './session.ts';

type SqlProbe = Extract<ProbeSpec, { kind: 'sql' }>;

/**
 * One try: the query must give one row of one column that is neither null, false, 0 nor empty. So `SELECT 1` asks
 * whether the database answers, and `SELECT count(*) = 0 FROM orphans` whether what it holds is right.
 * @throws DriverError when the password cannot be had
 */
export async function probeSql(host: string, spec: SqlProbe, resolve: ResolveSecret, look: Look): Promise<Evidence> {
  const { login, query } = spec;
  const password = login.password === undefined ? '' : await resolve(login.password);
  const { signal, within, noAnswer } = attempt(look, spec.within);
  try {
    return judgeRows(await queryOnce({ host, login, password, within, signal }, query));
  } catch (error) {
    if (signal.aborted) return noAnswer('no answer');
    const fault = faultOf(error, password);
    return fault.kind === 'silent' ? inconclusive(fault.reason) : failed(`an answer expected, ${fault.reason} found`);
  }
}

/** Pure. */
export function judgeRows({ columns, rows }: Rows): Evidence {
  if (columns !== 1 || rows.length !== 1) {
    return failed(`1 row of 1 column expected, ${rows.length} of ${columns} found`);
  }
  const value = rows[0]![0];
  const shown = JSON.stringify(String(value)).slice(0, 80);
  const holds = value !== null && value !== false && value !== '' && Number(value) !== 0;
  return holds ? passed(`answered ${shown}`) : failed(`a value that holds expected, ${shown} found`);
}
