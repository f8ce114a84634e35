import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { DriverError } from '../errors.ts';

const NEWLINE = 0x0a;
const PIECE = 1 << 20;

/**
 * Lines of one file of a volume, as `wc -l` counts them: a last line without its end is not one yet.
 * @param file relative to `root`; a link that leads out of it is refused, for whoever writes in the volume could set it
 * @throws missing | refused: no number is never zero
 */
export async function countLines(root: string, file: string, whose: string, signal: AbortSignal): Promise<number> {
  const fail = (kind: 'missing' | 'refused', what: string, cause?: unknown) =>
    new DriverError(kind, `${whose}: rows are counted in ${file}, which ${what}`, { cause });
  const path = await realpath(join(root, file)).catch(error =>
    Promise.reject(fail('missing', `is not there (${error.code})`, error)),
  );
  if (!path.startsWith(`${await realpath(root)}/`)) throw fail('refused', 'lies outside the volume');
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!(await handle.stat()).isFile()) throw fail('refused', 'is no regular file');
    const buffer = Buffer.allocUnsafe(PIECE);
    for (let lines = 0; ; ) {
      // Not a stream with a signal: one that is aborted as it begins tells it to nobody, and ends the process.
      signal.throwIfAborted();
      const { bytesRead } = await handle.read(buffer, 0, PIECE);
      if (bytesRead === 0) return lines;
      const piece = buffer.subarray(0, bytesRead);
      for (let at = piece.indexOf(NEWLINE); at >= 0; at = piece.indexOf(NEWLINE, at + 1)) lines += 1;
    }
  } finally {
    await handle.close();
  }
}
