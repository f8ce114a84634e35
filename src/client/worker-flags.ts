/**
 * Node's own options for the worker's process. Left to itself its heap grows with the machine's memory, and what a
 * rollback reads of an engine stays in it for long; it waits for engines far more than it computes. A capture lets the
 * collector run over all of the heap again and again: with three tenths of room above what is in use it does so less often.
 */
export const WORKER_FLAGS: readonly string[] = [
  '--max-semi-space-size=4',
  '--optimize-for-size',
  '--heap-growing-percent=30',
];

/** A tenth less memory for glibc, which else gives each of its threads a heap of its own; whoever sets it has his way. */
export const workerEnv = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({ MALLOC_ARENA_MAX: '2', ...env });
