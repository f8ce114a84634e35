import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Odd, so that a median is one of the rounds. */
  readonly rounds: number;
  /** Of data in PostgreSQL, bytes. */
  readonly size: number;
  readonly json: boolean;
  /** Prints where each run of lastgood spent its time, call by call. */
  readonly timeline: boolean;
  readonly privateEngine: boolean;
}

const UNITS = { MiB: 1_048_576, GiB: 1_073_741_824 } as const;

/** @throws Error naming the option and what was expected */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '3' },
      size: { type: 'string', default: '1GiB' },
      output: { type: 'string', short: 'o', default: 'text' },
      timeline: { type: 'boolean', default: false },
      'private-engine': { type: 'boolean', default: false },
    },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds % 2 === 0)
    throw new Error(`--rounds ${values.rounds}: an odd number expected, as 3`);
  if (values.output !== 'text' && values.output !== 'json')
    throw new Error(`--output ${values.output}: text or json expected`);
  return {
    rounds,
    size: parseSize(values.size),
    json: values.output === 'json',
    timeline: values.timeline,
    privateEngine: values['private-engine'],
  };
}

/** @throws Error unless it is a whole number of MiB or GiB above zero */
export function parseSize(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,4})(MiB|GiB)$/.exec(text) ?? [];
  if (count === undefined) throw new Error(`--size ${text}: a whole number of MiB or GiB expected, as 1GiB or 64MiB`);
  return Number(count) * UNITS[unit as keyof typeof UNITS];
}

export const formatSize = (bytes: number): string =>
  bytes >= UNITS.GiB ? `${(bytes / UNITS.GiB).toFixed(2)} GiB` : `${Math.round(bytes / UNITS.MiB)} MiB`;
