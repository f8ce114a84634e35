import type { Fence } from './contract.ts';

/** Whether `a` was sent out before `b`: an earlier turn, or an earlier attempt of the same one. */
export const isOlder = (a: Fence, b: Fence): boolean => a.turn < b.turn || (a.turn === b.turn && a.attempt < b.attempt);

export const fenceText = (fence: Fence): string => `turn ${fence.turn} attempt ${fence.attempt}`;
