import type { Call, Engine, Progress } from '../drivers/contract.ts';
import type { EngineId, PlatformName, RunId } from '../plan/ids.ts';
import type { Direction, StepName } from '../run/step.ts';

/** Names one verb on one target. With an effect's name it is what happens at most once a round. */
export interface Key {
  readonly run: RunId;
  readonly step: StepName | 'record' | 'settle';
  readonly direction: Direction;
  /** Begun anew by a retry that a person asked for, and by a phase that ran out of time. */
  readonly round: number;
  /** A target's id, a gate's name, or `*`. */
  readonly target: string;
}

/**
 * `turn` counts what the workflow has sent out: each step, each tier of it and each undo is a later turn.
 * `attempt` is Temporal's. The later pair wins, over the whole run: what an older one still does is refused.
 */
export interface Fence {
  readonly turn: number;
  readonly attempt: number;
}

export interface Order {
  readonly platform: PlatformName;
  readonly key: Key;
  readonly fence: Fence;
  /** The run whose objects are touched, when it is not the run that acts: a take-over unwinding another's work. */
  readonly onBehalfOf?: RunId;
  readonly engine: EngineId;
  readonly signal: AbortSignal;
  progress(at: Progress): void;
}

/** The one place an effect passes. */
export interface Executor {
  /** @throws DriverError conflict (older fence, other owner, other engine) before anything is touched; else what the verb throws */
  execute<R>(engine: Engine, order: Order, verb: (call: Call) => Promise<R>): Promise<R>;
}

/** The one hash-chained, fsynced record of every effect and decision of a run. Ids and digests, never settings. */
export interface Journal {
  /** Resolves once it is on disk. Appends that wait together share one flush. */
  append(entry: JournalFact): Promise<void>;
  /** All of them, oldest first, the chain checked. @throws DriverError corrupt, naming the line */
  entries(): readonly JournalEntry[];
}

export interface Journals {
  open(platform: PlatformName, run: RunId): Promise<Journal>;
  /** Its entries, or nothing when there is none on this host; makes none. @throws DriverError corrupt */
  find(platform: PlatformName, run: RunId): Promise<readonly JournalEntry[] | undefined>;
  /** Runs that are not ended: under way, left in the middle, or handed over to a person. */
  findOpen(platform: PlatformName): Promise<readonly RunId[]>;
  /** Runs that completed, and whose undo is still kept: no `settled` fact. */
  findUnsettled(platform: PlatformName): Promise<readonly RunId[]>;
}

export type JournalFact =
  | {
      readonly type: 'opened';
      readonly platform: PlatformName;
      readonly run: RunId;
      readonly engine: EngineId;
      readonly hash: string;
      /** A take-over: the run whose objects these are, the first one when it was taken over before. */
      readonly onBehalfOf?: RunId;
    }
  | { readonly type: 'order'; readonly key: Key; readonly fence: Fence }
  /** About to act. */
  | {
      readonly type: 'intent';
      readonly key: Key;
      readonly effect: string;
      readonly effectRound: number;
      readonly fence: Fence;
      /** The effect's mark just before the act. */
      readonly mark?: string;
    }
  /** Read back as done. `by` run: we acted in this entry's fence; found: it stood so without an act of ours, or an earlier act took hold. */
  | {
      readonly type: 'done';
      readonly key: Key;
      readonly effect: string;
      readonly effectRound: number;
      readonly by: 'act' | 'found' | 'reported-failed';
    }
  /** A result that was journalled is no longer there: the next act begins a new effect round. */
  | {
      readonly type: 'gone';
      readonly key: Key;
      readonly effect: string;
      readonly effectRound: number;
      readonly evidence: string;
    }
  | {
      readonly type: 'failed';
      readonly key: Key;
      readonly effect: string;
      readonly effectRound: number;
      readonly kind: string;
      readonly message: string;
    }
  /** An older fence, refused. */
  | { readonly type: 'refused'; readonly key: Key; readonly fence: Fence; readonly reason: string }
  /** What the workflow decided or heard: a step's verdict, a confirmation, an answer. `event` is its number in the run. */
  | {
      readonly type: 'event';
      readonly event: number;
      readonly at: string;
      readonly what: string;
      readonly facts: unknown;
    }
  /** What stood just before the freeze: ids, digests, keyed hashes. */
  | { readonly type: 'found'; readonly states: readonly unknown[] }
  /** An object that this run made for a target, by its id: what it staged of the release, or made again of what was found. */
  | { readonly type: 'made'; readonly target: string; readonly identity: string; readonly as: 'release' | 'found' }
  /** How the engine says that it was started, when this run had started it: whoever starts it later is somebody else. */
  | {
      readonly type: 'started';
      readonly target: string;
      readonly identity: string;
      readonly started: string;
      readonly as: 'release' | 'found';
    }
  /** Rows by store, counted once the gates were shut. */
  | { readonly type: 'rows'; readonly rows: Readonly<Record<string, number>> }
  /** A snapshot was published. `of` outgoing: it holds what the run replaced, exported after the line. */
  | { readonly type: 'captured'; readonly snapshot: string; readonly digest: string; readonly of?: 'outgoing' }
  | { readonly type: 'closed'; readonly outcome: string }
  /** It was closed as held, and the run `by` took it over to its end. */
  | { readonly type: 'ended'; readonly by: RunId; readonly outcome: string }
  /** What undo kept was dropped. */
  | { readonly type: 'settled' };

export interface JournalEntry {
  readonly seq: number;
  /** ISO 8601. */
  readonly at: string;
  readonly fact: JournalFact;
  /** Hash of the entry before, hex; 64 zeros for the first. */
  readonly prev: string;
  readonly hash: string;
}
