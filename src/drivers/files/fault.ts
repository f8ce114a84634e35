import { DriverError, type DriverErrorKind } from '../errors.ts';

/** What the system's own codes mean here. What is not listed may pass by itself: `unavailable`. */
const KINDS: Readonly<Record<string, DriverErrorKind>> = {
  ENOENT: 'missing',
  ENOSPC: 'refused',
  EDQUOT: 'refused',
  EACCES: 'refused',
  EPERM: 'refused',
  EROFS: 'refused',
  EBUSY: 'refused',
  EXDEV: 'refused',
  ENAMETOOLONG: 'refused',
  ENOTDIR: 'conflict',
  EISDIR: 'conflict',
  EEXIST: 'conflict',
  ENOTEMPTY: 'conflict',
  ELOOP: 'conflict',
};

const NEXT: Readonly<Record<string, string>> = {
  ENOSPC: 'free some space on that filesystem, then try again',
  EDQUOT: 'raise the quota, then try again',
  EACCES: 'run the worker as a user that may write there',
  EPERM: 'run the worker as root, and look for an immutable flag (lsattr)',
  EROFS: 'mount it writable',
  EBUSY: 'unmount what is mounted there',
};

export const codeOf = (error: unknown): string | undefined => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
};

/**
 * A DriverError as it is; anything else said as `doing`, one line naming the verb and the path.
 * Cancellation is `unavailable`: the same call may be made again.
 */
export function asDriverError(doing: string, error: unknown): DriverError {
  if (error instanceof DriverError) return error;
  const code = codeOf(error);
  const kind = (code === undefined ? undefined : KINDS[code]) ?? 'unavailable';
  const next = code === undefined ? undefined : NEXT[code];
  const said = (error as Error)?.name === 'AbortError' ? 'cancelled' : ((error as Error)?.message ?? String(error));
  return new DriverError(kind, `${doing}: ${said}`, { cause: error, ...(next === undefined ? {} : { next }) });
}

/** Runs `verb`, so that nothing but a DriverError comes out of it. @throws DriverError */
export async function saying<T>(doing: string, verb: () => Promise<T>): Promise<T> {
  try {
    return await verb();
  } catch (error) {
    throw asDriverError(doing, error);
  }
}
