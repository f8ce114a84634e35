import type { EngineCall } from '../../workflows/given.ts';
import type { At, Script } from './script.ts';

/** Aftercare's own, which begin while the run still closes: every-settling has them. */
const AFTERCARE = new Set(['export', 'settle', 'settle-file']);

/** Every engine call of a calm run, each with its number among those of its name and target. */
export const eachCall = (calls: readonly EngineCall[]): readonly At[] =>
  numbered(calls.filter(({ call }) => !AFTERCARE.has(call)));

/** Asked of the engine before every verb, once for all that come at the same time: how often is a matter of time. */
export const isBeforeEach = ({ call }: Pick<At, 'call'>): boolean => call === 'identify' || call === 'find-owner';

/** Every engine call of aftercare that drops what undo kept, but for what is asked before each, and to watch the release. */
export function eachSettling({ calls, settling }: { calls: readonly EngineCall[]; settling: readonly EngineCall[] }) {
  const all = numbered([...calls, ...settling]);
  const isOurs = (at: At): boolean => at.call !== 'probe' && !isBeforeEach(at);
  return all.filter((at, index) => AFTERCARE.has(at.call) || (index >= calls.length && isOurs(at)));
}

function numbered(calls: readonly EngineCall[]): readonly At[] {
  const times = new Map<string, number>();
  return calls.map(({ call, target }) => {
    const nth = (times.get(`${call} ${target}`) ?? 0) + 1;
    times.set(`${call} ${target}`, nth);
    return { call, target, nth };
  });
}

/** Looks of which there are more or fewer as time goes: asked once for all that come together, or as often as there is time. */
export const isByTime = (at: At): boolean => isBeforeEach(at) || ['observe', 'probe', 'size'].includes(at.call);

export const nameOf = ({ call, target, nth }: At): string => `${call} ${target} (${nth})`;

/** A fault or a deed of a script, and the call that it befalls. */
export const saying = (one: Script['faults'][number] | Script['deeds'][number]): string =>
  `${'kind' in one ? one.kind : one.deed} ${nameOf(one)}`;
