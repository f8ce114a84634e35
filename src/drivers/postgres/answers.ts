import pg from 'pg';
import { causeOf } from '../attempt.ts';

/** SQLSTATE classes and codes that mean "cannot tell now": connection lost, resources, shutting down or starting up. */
const NOT_NOW = /^(08|53|57P|57014|58)/;

export interface SqlFault {
  /** `said`: the server answered the query, and with an error. `silent`: it may answer later. */
  readonly kind: 'said' | 'silent';
  readonly reason: string;
}

/** What went wrong, in one line that never holds the password. */
export function faultOf(error: unknown, password: string): SqlFault {
  if (!(error instanceof pg.DatabaseError))
    return { kind: 'silent', reason: clear(`no answer (${causeOf(error)})`, password) };
  const reason = clear(`${error.code ?? 'no code'} ${error.message.split('\n')[0]!.slice(0, 200)}`, password);
  return { kind: NOT_NOW.test(error.code ?? '') ? 'silent' : 'said', reason };
}

const clear = (text: string, password: string): string =>
  password === '' ? text : text.replaceAll(password, '[secret]');
