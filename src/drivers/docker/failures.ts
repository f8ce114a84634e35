import { getSystemErrorMap } from 'node:util';
import { DriverError, type DriverErrorKind } from '../errors.ts';

/** What a failed call was about: the engine's address and the call, as a person would say it. */
export interface CallName {
  readonly address: string;
  readonly call: string;
}

/** Failures of the way to the engine: the same call may do later. */
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOENT',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ECONNABORTED',
  'EAI_AGAIN',
]);

const NEXT: Partial<Record<DriverErrorKind, string>> = {
  unavailable: 'See whether the engine runs and answers at this address.',
};

/** The engine's status as one of the five kinds: 404 missing, 409 conflict, 5xx unavailable, any other 4xx refused. */
export function kindOfStatus(status: number): DriverErrorKind {
  if (status === 404) return 'missing';
  if (status === 409) return 'conflict';
  return status >= 500 ? 'unavailable' : 'refused';
}

/** Any failure of an engine call as a DriverError that names engine and call. Kinds that are known already stay. */
export function toDriverError(name: CallName, failure: unknown): DriverError {
  if (failure instanceof DriverError) return failure;
  const { statusCode, code, message } = failure as { statusCode?: number; code?: string; message?: string };
  const fail = (kind: DriverErrorKind, what: string) => {
    const next = NEXT[kind];
    const text = `engine ${name.address}: ${name.call}: ${what}`;
    return new DriverError(kind, text, next === undefined ? { cause: failure } : { cause: failure, next });
  };
  if (typeof statusCode === 'number')
    return fail(kindOfStatus(statusCode), `${statusCode} ${saidBy(failure, message ?? '')}`);
  if (code === 'EACCES' || code === 'EPERM') return fail('refused', `${code}: no right to use this socket`);
  if (code !== undefined && UNREACHABLE.has(code)) return fail('unavailable', `no answer (${code})`);
  return fail('unavailable', message ?? String(failure));
}

/** What was said of a failed call, without the call's own name; empty where nobody said anything. */
export const saidOf = ({ cause }: DriverError): string =>
  cause === undefined ? '' : saidBy(cause, (cause as Error).message ?? '');

/** The engine's own sentence, on one line, without the library's frame around it. */
function saidBy(failure: unknown, fallback: string): string {
  const said = (failure as { json?: { message?: unknown } }).json?.message;
  const text = typeof said === 'string' ? said : fallback;
  return withoutMountData(text.replace(/\s+/g, ' ').trim()).slice(0, 300);
}

/** What the kernel says when a mount fails, where an engine words it otherwise than node does. */
const SAID_OTHERWISE = ['no route to host', 'device or resource busy', 'input/output error'];
const KERNEL_SAYS = new Set([...[...getSystemErrorMap().values()].map(([, text]) => text), ...SAID_OTHERWISE]);

/**
 * A mount that failed is quoted with its options, `username=u,password=p`, and ends in what the kernel said. Where it
 * ends in anything else all of it is left out: a password may hold a colon too.
 */
function withoutMountData(said: string): string {
  const [before = '', ...data] = said.split(', data: ');
  if (data.length === 0) return said;
  const last = data.join().split(': ').at(-1) ?? '';
  return `${before}, its data left out${KERNEL_SAYS.has(last) ? `: ${last}` : ''}`;
}
