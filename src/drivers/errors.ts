/** What kind a driver's failure is. Only `activities` decides what follows from it. */
export type DriverErrorKind =
  /** The engine did not answer, or not in time: the same call may do later. */
  | 'unavailable'
  /** The engine answered and said no; asking again changes nothing. */
  | 'refused'
  /** What the call names is not there. */
  | 'missing'
  /** It is there, and is not what its digest says. */
  | 'corrupt'
  /** Somebody else's: another owner, a later fence, another engine, a name taken. */
  | 'conflict';

/** @property message one line: what failed, on what, expected against found. No secrets, no bodies. */
export class DriverError extends Error {
  readonly kind: DriverErrorKind;
  /** What to do next, as a sentence or a command. */
  readonly next: string | undefined;
  /** The run itself may change nothing here: another owner, a later fence, another engine. */
  readonly notOurs: boolean;
  /** Somebody else changed what the verb rests on: made it again, renamed, removed or started it. */
  readonly foreign: boolean;

  constructor(
    kind: DriverErrorKind,
    message: string,
    options: { cause?: unknown; next?: string; notOurs?: boolean; foreign?: boolean } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'DriverError';
    this.kind = kind;
    this.next = options.next;
    this.notOurs = options.notOurs ?? false;
    this.foreign = options.foreign ?? false;
  }
}
