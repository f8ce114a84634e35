/** Why something was not done, in the words that the exit codes are made of. */
export type RefusalKind =
  /** No server, or it does not answer. */
  | 'unreachable'
  /** The server says that we may not. */
  | 'not-allowed'
  /** Nobody polls a queue that the work needs. */
  | 'no-worker'
  /** A run is open on the platform already. */
  | 'already-open'
  /** There is no such run, or it is over. */
  | 'no-run'
  /** The run, the engine or the plan says no. */
  | 'refused'
  /** The run was ended from outside: its lock and its undo are still on the engine, and a person must take it over. */
  | 'left-behind'
  /** The caller's own words make no sense. */
  | 'usage';

export interface RefusalFacts {
  /** What to do next, in order: sentences or commands. */
  readonly next?: readonly string[];
  /** `no`: nothing was changed. `unknown`: it could not be learned. */
  readonly changed?: 'no' | 'unknown';
  readonly cause?: unknown;
}

/** Something was asked for and not done. @property message what failed, on what, expected against found. No secrets */
export class Refusal extends Error {
  readonly kind: RefusalKind;
  readonly next: readonly string[];
  readonly changed: 'no' | 'unknown';

  constructor(kind: RefusalKind, message: string, facts: RefusalFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'Refusal';
    this.kind = kind;
    this.next = facts.next ?? [];
    this.changed = facts.changed ?? 'no';
  }
}
