import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

const WANTED_BYTES = 2 * 1024 ** 3;

/**
 * Where thousands of flushes cost nothing: memory, where there is enough of it, else where temporary files lie. For what
 * a test needs and does not judge; that flushing works is tested on a disk.
 */
export function inMemory(): string {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    return bavail * bsize > WANTED_BYTES ? '/dev/shm' : tmpdir();
  } catch {
    return tmpdir();
  }
}
