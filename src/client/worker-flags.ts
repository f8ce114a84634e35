/**
 * Node's own options for the worker's process. Left to itself its heap grows with the machine's memory, and what a
 * rollback reads of an engine stays in it for long; it waits for engines far more than it computes.
 */
export const WORKER_FLAGS: readonly string[] = ['--max-semi-space-size=4', '--optimize-for-size'];
