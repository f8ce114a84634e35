import { z } from 'zod';
import { type Fault, formatPath } from '../faults.ts';
import type { DataChoice } from '../plan.ts';
import type { RollbackRequest } from '../rollback-request.ts';
import { findingsOf } from './match.ts';
import { plainWords } from './plain-words.ts';
import { expects, name, strict, whole, word } from './words.ts';

/** Several lines, no other control characters: it is printed to terminals. */
const sentence = (what: string, most: number) => {
  const words = expects(`${what}, 1 to ${most} characters`);
  return z.string(words).max(most, words).regex(/\S/, words).refine(isPrintable, words);
};
const isPrintable = (text: string): boolean => !/\p{Cc}/u.test(text.replaceAll(/[\t\n]/g, ' '));

const request = strict({
  platform: name,
  release: word(
    /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/,
    'a release, as 1.4.2 or before:0a1b2c3d4e',
    'release',
  ).optional(),
  data: z.record(name, z.enum(['keep', 'restore'] satisfies DataChoice[])).optional(),
  lossCeiling: whole(0, Number.MAX_SAFE_INTEGER, 'a number of rows').optional(),
  severity: z.enum(['P0', 'P1', 'P2', 'P3']).prefault('P2'),
  mode: z.enum(['automatic', 'manual', 'emergency']).prefault('manual'),
  reason: sentence('a reason', 1_000),
  requester: sentence('who asks', 200),
  expect: word(/^[0-9a-f]{8,64}$/, 'a run hash, its first 8 hex digits or more', 'run hash').optional(),
  takeOver: word(/^[A-Za-z0-9-]{1,64}$/, 'a run id', 'run id').optional(),
});

export type ParsedRequest = { readonly request: RollbackRequest } | { readonly faults: readonly Fault[] };

/** Takes whatever was sent and gives a request, or every fault at once; `formatFault` prints each on one line. */
export function parseRollbackRequest(value: unknown): ParsedRequest {
  const result = request.safeParse(value, { error: plainWords });
  // The patterns above are those of the ids' own parsers; the brands are theirs to give.
  if (result.success) return { request: result.data as unknown as RollbackRequest };
  const place = { file: 'request', line: 0, column: 0 };
  return {
    faults: findingsOf(result.error).map(({ path, message }) => ({ ...place, path: formatPath(path), message })),
  };
}
