import { DriverError } from '../drivers/errors.ts';

const FULL = new Set(['ENOSPC', 'EDQUOT']);
const DENIED = new Set(['EACCES', 'EPERM', 'EROFS', 'ENAMETOOLONG', 'ENOTDIR', 'EISDIR', 'EEXIST', 'ENOTEMPTY']);

export const codeOf = (error: unknown): string | undefined => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
};

export const isFull = (error: unknown): boolean => FULL.has(codeOf(error) ?? '');

/** A DriverError as it is; a denial by the system `refused`; the rest `unavailable`. `doing` names the store's path. */
export function asStoreFault(doing: string, error: unknown): DriverError {
  if (error instanceof DriverError) return error;
  if ((error as Error)?.name === 'AbortError') {
    return new DriverError('unavailable', `${doing}: cancelled; nothing of the platform was changed`, { cause: error });
  }
  const said = (error as Error)?.message ?? String(error);
  const message = `${doing}: ${said}; nothing of the platform was changed`;
  if (isFull(error)) {
    return new DriverError('refused', message, {
      cause: error,
      next: 'free space in the snapshot store, then try again',
    });
  }
  return DENIED.has(codeOf(error) ?? '')
    ? new DriverError('refused', message, { cause: error, next: 'let the worker write in the snapshot store' })
    : new DriverError('unavailable', message, { cause: error });
}

export const corrupt = (what: string, found: string, cause?: unknown): DriverError =>
  new DriverError('corrupt', `${what}: ${found}; nothing of the platform was changed`, {
    ...(cause === undefined ? {} : { cause }),
    next: 'choose another snapshot, and look at the disk that holds the store',
  });
