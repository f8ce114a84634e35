import type { PlatformName, ReleaseId, RunHash, RunId, TargetId } from './ids.ts';
import type { DataChoice, Severity } from './plan.ts';

/** Who asks for a rollback of what, and why. Parsed by `parseRollbackRequest`. */
export interface RollbackRequest {
  readonly platform: PlatformName;
  /** Absent: the newest good release that is not running now. */
  readonly release?: ReleaseId;
  /** Overrides the plan's choice, store by store. */
  readonly data?: Readonly<Record<TargetId, DataChoice>>;
  /** The most rows that may be lost, all stores together. Absent: none. */
  readonly lossCeiling?: number;
  readonly severity: Severity;
  readonly mode: RollbackMode;
  readonly reason: string;
  readonly requester: string;
  /** The run that was looked at before, by its hash or the first 8 digits of it: if admit computes another, the run is refused. */
  readonly expect?: RunHash;
  /** The run whose lock and journal a lost server left. */
  readonly takeOver?: RunId;
}

export type RollbackMode = 'automatic' | 'manual' | 'emergency';
