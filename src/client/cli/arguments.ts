import { hostname, userInfo } from 'node:os';
import { InvalidArgumentError } from 'commander';
import { isName } from '../../plan/ids.ts';
import { findNearest } from '../../plan/nearest.ts';

/** A platform's name, refused here rather than by the server. */
export function platformName(text: string): string {
  if (isName(text)) return text;
  throw new InvalidArgumentError('1 to 63 of a-z 0-9 . _ - expected, a letter or digit at both ends');
}

/** One of a few words; `did you mean` where one is near. */
export const oneOf =
  <Word extends string>(words: readonly Word[]) =>
  (text: string): Word => {
    const found = words.find(word => word === text);
    if (found !== undefined) return found;
    const near = findNearest(text, words);
    throw new InvalidArgumentError(
      `one of ${words.join(', ')} expected${near === undefined ? '' : `, did you mean ${near}?`}`,
    );
  };

/** `target=restore`, again and again. */
export function dataChoice(text: string, sofar: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [target = '', choice = '', ...rest] = text.split('=');
  if (!isName(target) || rest.length > 0 || !['restore', 'keep'].includes(choice)) {
    throw new InvalidArgumentError('target=restore or target=keep expected');
  }
  return { ...sofar, [target]: choice };
}

export function rows(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('a whole number of rows expected');
}

/** Seconds, or a number with a unit, to milliseconds. */
export function timeSpan(text: string): number {
  const match = /^(\d{1,9})(s|m|h)?$/.exec(text);
  if (match === null) throw new InvalidArgumentError('a time expected, as 90s, 10m or 2h');
  return Number(match[1]) * { s: 1_000, m: 60_000, h: 3_600_000 }[match[2] ?? 's']!;
}

/** Who somebody is when they do not say: unverified, as everything that is said to a run. */
export function whoever(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return `uid ${process.getuid?.() ?? ''}@${hostname()}`;
  }
}
