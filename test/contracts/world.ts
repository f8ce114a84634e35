import type { Driver, Recorded } from '../../src/drivers/contract.ts';
import type { Target } from '../../src/plan/plan.ts';
import type { SnapshotReader } from '../../src/snapshots/store.ts';

/** Where targets of one kind live, and how a test makes and breaks them. Each scene is apart from every other. */
export interface World<T extends Target = Target> {
  readonly kind: T['kind'];
  readonly driver: Driver<T>;
  /** Capabilities of this kind that another part of the wiring brings. */
  readonly elsewhere: readonly string[];
  /** What has no meaning for this kind, or leaves no trace that could be seen: it is not asked for. */
  readonly without?: readonly Optional[];
  /** A live target at version A (running, where its kind runs), and release B of it, recorded from a target that ran it. */
  makeScene(): Promise<Scene<T>>;
  /** A scene whose release B needs what can no longer be had. Absent where nothing is needed. */
  makeLost?(): Promise<Scene<T>>;
}

export type Optional = 'makeLost' | 'remakeLive' | 'changeSetting' | 'retain';
/** Whether a suite may ask for it. */
export const has = ({ without = [] }: Pick<World, 'without'>, what: Optional): boolean => !without.includes(what);

export interface Scene<T extends Target = Target> {
  readonly target: T;
  /** Release B. Its state's target is `target`. */
  readonly release: Recorded;
  /** Release B's data, for kinds that are staged from a snapshot. */
  readonly snapshot?: SnapshotReader;
  /** What a user of the live target finds in it: version A, or release B. */
  seen(): Promise<'A' | 'B'>;
  /** Takes the live target away. */
  removeLive(): Promise<void>;
  /** Somebody makes the live target again, by the same name, behind the run's back. */
  remakeLive?(): Promise<void>;
  /** Stops what must be down before a swap. Absent where nothing runs. */
  halt?(): Promise<void>;
  /** Changes one setting of the live target. */
  changeSetting?(): Promise<void>;
}
