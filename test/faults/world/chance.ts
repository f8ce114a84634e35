/** Numbers that look random and are the same for the same seed (mulberry32). */
export interface Chance {
  /** 0 up to, not including, `below`. */
  nat(below: number): number;
  /** True once in `times`. */
  once(times: number): boolean;
  of<T>(items: readonly T[]): T;
}

export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const nat = (below: number): number => Math.floor(next() * below);
  return { nat, once: times => nat(times) === 0, of: items => items[nat(items.length)]! };
}
