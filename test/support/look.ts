import type { Look } from '../../src/drivers/contract.ts';

/** A look that nothing cancels, unless `signal` does. */
export const look = (signal: AbortSignal = new AbortController().signal): Look => ({ signal, progress: () => {} });
