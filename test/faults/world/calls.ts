import type { EngineCall } from '../../workflows/given.ts';
import type { At } from './script.ts';

/** What comes once the run is over, and what the closing of it asks. */
const AFTERCARE = new Set(['export', 'settle', 'settle-file']);

/** Every engine call of a dry run, each with its number among those of its name and target. */
export function eachCall(calls: readonly EngineCall[]): readonly At[] {
  const times = new Map<string, number>();
  return calls
    .filter(({ call }) => !AFTERCARE.has(call))
    .map(({ call, target }) => {
      const nth = (times.get(`${call} ${target}`) ?? 0) + 1;
      times.set(`${call} ${target}`, nth);
      return { call, target, nth };
    });
}

export const nameOf = ({ call, target, nth }: At): string => `${call} ${target} (${nth})`;
