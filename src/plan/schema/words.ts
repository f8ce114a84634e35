import { z } from 'zod';
import { parseDuration } from '../duration.ts';
import type { SecretRef } from '../plan.ts';
import { unknownKey, wrong } from '../wording.ts';

/** Every error of a schema made with it reads `found, expected <what>`. */
export const expects = (what: string) => ({ error: (issue: { readonly input?: unknown }) => wrong(issue.input, what) });

/** A mapping that takes these keys and no others; each unknown one has its own line in the message. */
export function strict<Shape extends z.core.$ZodShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: issue => {
      if (issue.code !== 'unrecognized_keys') return wrong(issue.input, 'a mapping');
      return issue.keys.map(key => unknownKey(key, known)).join('\n');
    },
  });
}

export const word = (pattern: RegExp, what: string, title: string) =>
  z
    .string(expects(what))
    .regex(pattern, { ...expects(what), abort: true })
    .meta({ title });

/** As `isName` of ids.ts, which a test holds it to. */
export const name = word(
  /^[a-z0-9]([a-z0-9_.-]{0,61}[a-z0-9])?$/,
  '1 to 63 of a-z 0-9 . _ -, a letter or digit at both ends',
  'name',
);

/** `.lg-` marks what a run stages and sets aside. */
const engineName = (what: string) =>
  word(
    /^(?!.*\.lg-)[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/,
    `the name of ${what} as its engine knows it, without ".lg-"`,
    'name on the engine',
  );
export const containerName = engineName('a container');
export const volumeName = engineName('a volume');

const YEAR = 366 * 86_400_000;
const durationText = 'a duration of at most a year, a whole number and ms, s, m, h or d, as 30s or 15m';
export const duration = word(/^\d{1,9}(ms|s|m|h|d)$/, durationText, 'duration')
  .refine(text => parseDuration(text) <= YEAR, expects(durationText))
  .transform(parseDuration);

/** A wait that is longer than nothing. */
export const someTime = word(/^0*[1-9]\d{0,8}(ms|s|m|h|d)$/, `${durationText}, and more than none`, 'duration')
  .refine(text => parseDuration(text) <= YEAR, expects(durationText))
  .transform(parseDuration);

export const hostPath = word(/^\/(?!.*(^|\/)\.\.(\/|$)).*$/, 'an absolute path without ..', 'absolute path');
export const innerPath = word(
  /^(?!\/)(?!.*(^|\/)\.\.(\/|$)).+$/,
  'a path inside the volume, without a leading / or ..',
  'relative path',
);
export const sqlQuery = word(/\S/, 'an SQL query', 'SQL');
/** A whole number from `least` to `most`. */
export const whole = (least: number, most: number, what: string) => {
  const words = expects(`${what}, ${least} to ${most}`);
  return z.int(words).min(least, words).max(most, words);
};
export const port = whole(1, 65_535, 'a port').meta({ title: 'port' });

/** Says nothing of what stands there, for it may be a secret, or hold one. */
const unseen = (found: string, what: string) => ({
  error: (issue: { readonly input?: unknown }) => `${issue.input === undefined ? 'missing' : found}, expected ${what}`,
});
export const unseenWord = (pattern: RegExp, found: string, what: string, title: string) =>
  z
    .string(unseen(found, what))
    .regex(pattern, { ...unseen(found, what), abort: true })
    .meta({ title });

const urlText = 'a URL, as http://127.0.0.1:8080/health: http or https, with a host and without a login';
export const url = unseenWord(/^https?:\/\//, 'no URL', urlText, 'URL').refine(isWebAddress, unseen('no URL', urlText));

function isWebAddress(text: string): boolean {
  if (!URL.canParse(text) || /\s/.test(text)) return false;
  const { hostname, username, password } = new URL(text);
  return hostname !== '' && username === '' && password === '';
}

const SECRET = /^\$\{(?:file:(?<path>\/[^}\n]+)|env:(?<variable>[A-Za-z_][A-Za-z0-9_]*))\}$/;
const secretText = `a reference, as "\${file:/run/secrets/name}" or "\${env:NAME}": a plan holds no secret`;
export const secret = unseenWord(SECRET, 'no reference', secretText, 'secret reference').transform(
  (text): SecretRef => {
    const { path, variable } = SECRET.exec(text)!.groups!;
    return path === undefined ? { from: 'env', variable: variable! } : { from: 'file', path };
  },
);
