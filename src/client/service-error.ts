import { Refusal } from './refusal.ts';

/** The gRPC codes that mean something to us; the numbers are the protocol's. */
const CODES: Readonly<Record<number, string>> = {
  1: 'CANCELLED',
  3: 'INVALID_ARGUMENT',
  4: 'DEADLINE_EXCEEDED',
  5: 'NOT_FOUND',
  6: 'ALREADY_EXISTS',
  7: 'PERMISSION_DENIED',
  8: 'RESOURCE_EXHAUSTED',
  9: 'FAILED_PRECONDITION',
  14: 'UNAVAILABLE',
  16: 'UNAUTHENTICATED',
};

/** The name of the server's answer, wherever in the chain of causes it is. */
export function codeOf(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const code = (at as { code?: unknown }).code;
    if (typeof code === 'number' && CODES[code] !== undefined) return CODES[code];
  }
  return error instanceof Error && /^(Workflow|Namespace)NotFoundError$/.test(error.name) ? 'NOT_FOUND' : undefined;
}

/** The innermost sentence, on one line: the outer ones say `failed to …` and no more. */
export function reasonOf(error: unknown): string {
  let text = String(error);
  for (let at = error; at instanceof Error; at = at.cause) {
    const details = (at as { details?: unknown }).details;
    text = typeof details === 'string' && details !== '' ? details : at.message || text;
  }
  return text.replaceAll(/\p{Cc}+/gu, ' ').slice(0, 500);
}

/**
 * Turns what the server answered into a refusal; what is not the server's answer is given back as it is.
 * `changed: unknown` stands where a call may have been heard though its answer was lost.
 */
export function asRefusal(error: unknown, doing: string): unknown {
  if (error instanceof Refusal) return error;
  const why = `${doing}: ${reasonOf(error)}`;
  switch (codeOf(error)) {
    case 'UNAVAILABLE':
    case 'DEADLINE_EXCEEDED':
    case 'RESOURCE_EXHAUSTED':
      return new Refusal('unreachable', why, {
        changed: 'unknown',
        next: ['see whether the Temporal server is up, and do the same again'],
        cause: error,
      });
    case 'PERMISSION_DENIED':
    case 'UNAUTHENTICATED':
      return new Refusal('not-allowed', why, {
        next: ['give the rights on the namespace, or other credentials: TEMPORAL_API_KEY, TEMPORAL_TLS_*'],
        cause: error,
      });
    case 'INVALID_ARGUMENT':
      return /search attribute/i.test(why)
        ? new Refusal('unreachable', why, { next: ['lastgood setup'], cause: error })
        : error;
    case 'NOT_FOUND':
      return /namespace/i.test(why)
        ? new Refusal('unreachable', why, { next: ['lastgood setup', 'or TEMPORAL_NAMESPACE=name'], cause: error })
        : error;
    default:
      return error;
  }
}
