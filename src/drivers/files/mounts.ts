import { readFile, realpath } from 'node:fs/promises';
import { DriverError } from '../errors.ts';

/**
 * What is mounted at `path` (`at`) or below it (`below`), as this process sees it. A mount point cannot be renamed, and a
 * swap must not learn that half-way.
 */
export async function mountsIn(path: string): Promise<{ readonly at: boolean; readonly below: readonly string[] }> {
  const real = await realpath(path);
  const points = (await readFile('/proc/self/mountinfo', 'utf8'))
    .split('\n')
    .filter(line => line !== '')
    .map(line => decode(line.split(' ')[4] ?? ''));
  const under = real === '/' ? '/' : `${real}/`;
  return { at: points.includes(real), below: points.filter(point => point.startsWith(under) && point !== real) };
}

/**
 * @param why finishes the sentence `… is mounted inside it and`
 * @throws DriverError refused, naming the mount
 */
export async function mustHaveNoMounts(path: string, why = 'cannot be moved'): Promise<void> {
  const [first] = (await mountsIn(path)).below;
  if (first === undefined) return;
  throw new DriverError('refused', `${path}: ${first} is mounted inside it and ${why}; nothing was changed`, {
    next: `unmount ${first}, or choose a target that does not hold it`,
  });
}

/** The kernel writes blanks and the like as three octal digits. */
const decode = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
