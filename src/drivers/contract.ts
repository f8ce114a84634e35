import type { EngineId, PlatformName, RunId } from '../plan/ids.ts';
import type { ContainerTarget, GateSpec, ProbeSpec, RowCount, Target } from '../plan/plan.ts';
import type { TargetState } from '../plan/run-plan.ts';
import type { SnapshotReader, SnapshotWriter } from '../snapshots/store.ts';

/**
 * One mutating engine call, and how to see whether it is done. The executor runs it: fence, intent, act, read-back.
 * `isDone` is the read-back; undefined means "not done". It must tell from the engine alone, never from memory.
 * `act` must be safe to issue again when an earlier act of the same effect never took hold.
 */
export interface Effect<T> {
  /** Stable within its verb: `stop`, `rename-outgoing`. It is part of the journal's key. */
  readonly name: string;
  isDone(): Promise<T | undefined>;
  act(signal: AbortSignal): Promise<void>;
  /**
   * Of an act whose result may pass by itself (what was started may end): what the engine says that is another after each
   * such act that took hold. By it a later attempt knows of an act that nobody heard of, and of which nothing is left.
   */
  mark?(): Promise<string>;
}

/** Something real happened: the engine answered, bytes moved. Keeps the attempt alive; never called on a timer. */
export interface Progress {
  readonly current: string;
  readonly done?: number;
  readonly total?: number;
}

export interface Look {
  /** Aborted on cancellation and at the deadline: after it nothing more is changed. */
  readonly signal: AbortSignal;
  progress(at: Progress): void;
}

export interface Call extends Look {
  readonly run: RunId;
  /** The only way to change anything. @throws whatever the act threw, when the read-back finds it not done */
  effect<T>(effect: Effect<T>): Promise<T>;
}

/** What a release holds of one target. Its body may hold secrets: it never leaves the worker, its journal or a log. */
export interface Recorded {
  readonly state: TargetState;
  /** Plain JSON, read by the driver that wrote it. */
  readonly body: unknown;
}

export interface Changed {
  /** False when it was so already. */
  readonly changed: boolean;
  /** For the report: `stopped in 1.2s`, `already stopped`. */
  readonly note: string;
  /** What people are to hear all the same: what somebody did to it. */
  readonly besides?: string;
}

/** As `Changed`, of a verb that makes an object: what that is, by which it is known again, where its kind has such a thing. */
export interface Made extends Changed {
  readonly identity?: string;
}

/** As `Changed`, of a swap back. */
export interface SwappedBack extends Changed {
  /** Of data: neither what was set aside nor what was staged lies beside the live tree. Then nothing was done. */
  readonly nothingBeside?: boolean;
}

/** An answer from the world. `inconclusive`: none, an unreadable one, or one too old. It never passes. */
export interface Evidence {
  readonly verdict: 'passed' | 'failed' | 'inconclusive';
  /** Expected against found, with the arithmetic. */
  readonly reason: string;
}

/** Every method throws only DriverError. */
export interface Observable<T extends Target = Target> {
  /** @throws missing */
  observe(target: T, look: Look): Promise<TargetState>;
  /** All that is needed to make this target again. @throws missing | refused where it could not be stopped and be had again */
  record(target: T, look: Look): Promise<Recorded>;
  /** Keeps what `recorded` needs from being pruned (an image tagged by digest). */
  retain?(target: T, recorded: Recorded, call: Call): Promise<Changed>;
}

export interface Stageable<T extends Target = Target> {
  /** Why staging cannot succeed, or nothing: image absent and not to be had, no space. Changes nothing. */
  canStage(target: T, from: Recorded, look: Look): Promise<Evidence>;
  /** Makes the release's object beside the live one, never started. */
  stage(target: T, from: Recorded, call: Call, snapshot?: SnapshotReader): Promise<Made>;
  /** Whether what `of` staged is there, untouched, and still the release's. `inconclusive` where that cannot be told. */
  checkStaged?(target: T, of: RunId, release: TargetState, look: Look): Promise<Evidence>;
  /** Whether what `of` staged is up, though nothing of it was to run yet: then it answers beside the live one. */
  isStagedUp?(target: T, of: RunId, look: Look): Promise<boolean>;
  /** What is up is stopped first. */
  drop(target: T, call: Call): Promise<Changed>;
}

export interface Restorable<T extends Target = Target> {
  /** Whether the swap wants its engine down or up. */
  readonly commits: 'stopped' | 'running';
  swapIn(target: T, call: Call): Promise<Changed>;
  /** @param was identity of what was found. What undo kept may have vanished: then nothing stands there, and `remake` comes next. */
  swapBack(target: T, call: Call, was?: string): Promise<SwappedBack>;
  /** Makes what was found again, from its record, where nothing stands under its name. Refused while `from`'s very object is there under another. */
  remake?(target: T, from: Recorded, call: Call): Promise<Made>;
  /** Whether what `of` replaced and keeps beside the live one is there, down, and in nobody's way. */
  checkKept?(target: T, of: RunId, look: Look): Promise<Evidence>;
  /**
   * That what `of` set aside is what was `recorded` of it before: what somebody changed in between is nowhere else.
   * Absent where what lies aside is exported before it is dropped, or holds nothing but settings. @throws refused
   */
  mustBeRecorded?(target: T, of: RunId, recorded: Recorded, look: Look): Promise<void>;
  /** Drops what undo kept. After it there is no way back but another run. */
  settle(target: T, call: Call): Promise<Changed>;
}

export interface Stoppable<T extends Target = Target> {
  /**
   * Sets the restart policy aside first: stopped means it stays stopped. `hard`: may be killed past its grace.
   * @param only the identity that it must have: whoever else has its name is not touched
   */
  stop(target: T, call: Call, hard: boolean, only?: string): Promise<Changed>;
  /**
   * Starts it and gives it `as`'s own restart policy. Returns when the engine runs it, not when it is ready.
   * A state that was not running is left down.
   */
  start(target: T, call: Call, as: TargetState, only?: string): Promise<Changed>;
}

export interface Gate {
  /** Sets the restart policy aside and stops what lets traffic in, draining what is under way. */
  shut(gate: GateSpec, call: Call, only?: string): Promise<Changed>;
  open(gate: GateSpec, call: Call, as: TargetState, only?: string): Promise<Changed>;
  /** Looked at from outside, as a user would. */
  isShut(gate: GateSpec, look: Look): Promise<Evidence>;
}

export interface Snapshottable<T extends Target = Target> {
  /** Refused (`conflict`, with their names) while a running container mounts it. Writes one artifact named for the target. */
  capture(target: T, look: Look, to: SnapshotWriter): Promise<void>;
  /** As capture, of the tree that run `of` replaced and kept beside the live one. */
  exportOutgoing(target: T, of: RunId, look: Look, to: SnapshotWriter): Promise<void>;
  /**
   * Bytes that a capture would read now, about; of the tree that run `outgoingOf` replaced, when that is given.
   * @throws refused when a capture could not be whole: it is asked before anything is touched
   */
  size(target: T, look: Look, outgoingOf?: RunId): Promise<number>;
  /** Rows as the plan counts them. @throws when they cannot be counted: no number is never zero */
  countRows(target: T, count: RowCount, look: Look): Promise<number>;
}

export interface Probeable<T extends Target = Target> {
  /** One try. The caller repeats. */
  probe(target: T, spec: ProbeSpec, look: Look): Promise<Evidence>;
}

export interface FrontDoor {
  probeFrontDoor(spec: ProbeSpec, look: Look): Promise<Evidence>;
}

/** What would reach around the run: an unlisted container on a captured store, a port that bypasses the gates. */
export interface Surroundings {
  /** One sentence each, naming the container and what it can do; empty when there is none. */
  findStrangers(look: Look): Promise<readonly string[]>;
  /** What others would do to these once they are back as recorded, the tools that they were made with: one sentence each. */
  foretell?(
    put: readonly { readonly target: ContainerTarget; readonly from: Recorded }[],
    look: Look,
  ): Promise<readonly string[]>;
  /** Who is at work inside what the plan stops, and will be cut off: one clause each, naming the container and the program. */
  findVisitors?(look: Look): Promise<readonly string[]>;
}

export interface Owner {
  readonly platform: PlatformName;
  readonly run: RunId;
  /** Grows with each take-over. */
  readonly fence: number;
}

/** One per connection: who this engine is, and who may change it now. */
export interface Engine {
  identify(look: Look): Promise<EngineId>;
  findOwner(platform: PlatformName, look: Look): Promise<Owner | undefined>;
  /** Compare-and-set. @throws conflict, naming the owner, when it is held by another run and `over` is not that run */
  claim(owner: Owner, look: Look, over?: RunId): Promise<void>;
  /** Nothing happens when it is not this owner's. */
  unclaim(owner: Owner, look: Look): Promise<void>;
}

/** All that is wired for one kind of target. A capability that a kind lacks is absent, and `kinds.ts` says so. */
export interface Driver<T extends Target = Target>
  extends Observable<T>,
    Partial<Stageable<T>>,
    Partial<Restorable<T>>,
    Partial<Stoppable<T>>,
    Partial<Snapshottable<T>>,
    Partial<Probeable<T>> {}

/** One host's drivers, as the worker wires them for one plan. */
export interface HostDrivers {
  readonly engine: Engine;
  readonly gate: Gate;
  readonly frontDoor: FrontDoor;
  readonly surroundings: Surroundings;
  readonly of: <K extends Target['kind']>(kind: K) => Driver<Extract<Target, { kind: K }>>;
}
