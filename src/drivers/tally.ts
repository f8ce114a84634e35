import type { Call, Changed, Effect } from './contract.ts';

/** A verb's effects, and whether any of them had to act. */
export interface Tally {
  effect<T>(effect: Effect<T>): Promise<T>;
  changed(): boolean;
  report(done: string, already: string): Changed;
}

/** Passes effects on to `call`, and remembers whether one of them acted in this attempt. */
export function tally(call: Call): Tally {
  let acted = false;
  return {
    effect: effect =>
      call.effect({
        ...effect,
        act: async signal => {
          acted = true;
          await effect.act(signal);
        },
      }),
    changed: () => acted,
    report: (done, already) => ({ changed: acted, note: acted ? done : already }),
  };
}
