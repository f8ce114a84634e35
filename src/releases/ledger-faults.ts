import { DriverError } from '../drivers/errors.ts';
import { isName, type PlatformName, type ReleaseId } from '../plan/ids.ts';
import type { NewRelease } from './ledger.ts';

const RESTORE =
  'put the file back from a copy of the ledger; without one, move the folder aside and record the release again';

/** Nothing is added to a chain that is not whole: what follows a gap proves nothing. */
export function brokenLedger(platform: PlatformName, faults: readonly string[]): DriverError {
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
  return new DriverError('corrupt', `ledger of ${platform}: ${faults[0]}${more}`, { next: RESTORE });
}

export const brokenBody = (where: string, what: string, cause: unknown): DriverError =>
  new DriverError('corrupt', `ledger ${where}: ${what}: ${(cause as Error).message}`, { next: RESTORE });

export const noRelease = (platform: PlatformName, id: ReleaseId): DriverError =>
  new DriverError('missing', `ledger of ${platform}: there is no release ${id}`, {
    next: `lastgood release list ${platform}`,
  });

/** @throws DriverError refused when a name could not be found again, or one target stands there twice */
export function checkRelease({ platform, id, targets }: NewRelease): void {
  const refuse = (why: string): never => {
    throw new DriverError('refused', `ledger of ${platform}: release ${JSON.stringify(id)}: ${why}`);
  };
  if (!isName(id.replace(/^before:/, ''))) {
    refuse('expected 1 to 63 of a-z 0-9 . _ - with a letter or digit at both ends, after before: or alone');
  }
  const names = targets.map(one => one.state.target);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) refuse(`${twice} stands there twice`);
}

const REFUSED = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'EISDIR']);

/** Runs `task`, and says in a driver's words what the file system said. */
export async function onDisk<T>(what: string, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (error instanceof DriverError || code === undefined) throw error;
    const kind = REFUSED.has(code) ? 'refused' : 'unavailable';
    const next = code === 'ENOSPC' || code === 'EDQUOT' ? { next: 'make room on the ledger’s disk' } : {};
    throw new DriverError(kind, `${what}: ${(error as Error).message}`, { cause: error, ...next });
  }
}
