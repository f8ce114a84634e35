import type { Duration } from './duration.ts';
import type {
  EngineId,
  GateName,
  HostName,
  PlatformName,
  ReleaseId,
  RunHash,
  SnapshotId,
  TargetId,
  TierName,
} from './ids.ts';
import type { ApprovalRule, Budgets, DataChoice, EscalationLevel, Kind, OnFailure, Plan } from './plan.ts';
import type { Use } from './use.ts';

/**
 * One look at one target, safe to show: ids, digests and keyed hashes, never a setting.
 * Two states with equal `version` and `settings` are the same target at the same release.
 */
export interface TargetState {
  readonly target: TargetId;
  /** What it is, not what it is called: a container's id, a volume's mount point. Re-created means changed. */
  readonly identity: string;
  /** What it runs or holds: an image id, the digest of files. Empty where the kind has none (a live volume). */
  readonly version: string;
  /** Keyed hash of its normalised settings. */
  readonly settings: string;
  readonly activity: Activity;
  /** A container's own restart policy, as `always` or `on-failure:3`. */
  readonly restartPolicy?: string;
  /** Its engine removes it as soon as it stops. Absent where it does not. */
  readonly removedOnceStopped?: true;
  /** Restarts counted by the engine since the last start. */
  readonly restarts?: number;
  /** When it was started last, by the engine's own clock; kept when it stops. Absent for one that never was. */
  readonly started?: string;
  /** Names of the volumes that a container can write. */
  readonly volumes?: readonly string[];
  /** The engine that wrote a volume, with its major version: `PostgreSQL 15`. Absent where none is known of. */
  readonly holds?: string;
  /** Other containers that it holds on to; absent when there is none. */
  readonly uses?: readonly Use[];
  /** For people: the tag, the version label, the size. */
  readonly label: string;
}
export type Activity = 'running' | 'exited' | 'looping' | 'paused' | 'created' | 'none';

/** The whole of what one run will do, computed by admit, content-addressed by its hash, kept by the worker. */
export interface RunPlan {
  readonly plan: Plan;
  readonly release: ReleaseId;
  readonly engines: Readonly<Record<HostName, EngineId>>;
  readonly targets: readonly PlannedTarget[];
  /** The gates' own containers, as found: a gate may be no target. */
  readonly gates: readonly TargetState[];
  /** The most rows that the run may lose, all stores together: above it the run reverts. */
  readonly lossCeiling: number;
  /** What the severity demands. */
  readonly approval: ApprovalRule;
}

export interface PlannedTarget {
  readonly target: TargetId;
  readonly kind: Kind;
  readonly host: HostName;
  readonly tier?: TierName;
  readonly now: TargetState;
  /** What the release recorded. For a volume: of its snapshot, or of nothing when its data is kept. */
  readonly release: { readonly version: string; readonly settings: string; readonly label: string };
  readonly change: Change;
  /** Why it changes although it is as the release has it: `shares the network of db, which is made again`. */
  readonly because?: string;
  readonly data?: DataChoice;
  readonly snapshot?: SnapshotId;
}
/** `unchanged` targets are stopped and started with their tier, and not swapped. */
export type Change = 'changed' | 'unchanged' | 'kept' | 'restored';

/** Whether a run puts another object in the place of this one. */
export const isSwapped = ({ change }: { readonly change: Change }): boolean =>
  change === 'changed' || change === 'restored';

/** What the workflow needs to order the run, and what people read before they approve. No settings, no secrets. */
export interface RunOutline {
  readonly platform: PlatformName;
  readonly hash: RunHash;
  readonly release: ReleaseId;
  readonly host: HostName;
  readonly tiers: readonly OutlineTier[];
  /** Targets that are staged before the freeze and swapped in restore. */
  readonly swapped: readonly TargetId[];
  /** Volumes that are captured once their engine is down. */
  readonly captured: readonly TargetId[];
  readonly gates: readonly GateName[];
  readonly changes: readonly OutlineChange[];
  readonly losses: readonly Loss[];
  /** What others would do to the release once the run is over, one sentence each: a `docker-compose up` that makes it again. */
  readonly afterwards?: readonly string[];
  /** The most rows that the requester accepts to lose, all stores together. */
  readonly lossCeiling: number;
  readonly forecast: Forecast;
  readonly budgets: Budgets;
  readonly approval: ApprovalRule;
  readonly onFailure: OnFailure;
  readonly afterRevert: 'open' | 'stay-shut';
  readonly escalation: readonly EscalationLevel[];
  readonly aftercare: { readonly for: Duration; readonly every: Duration };
}
export interface OutlineTier {
  readonly tier: TierName;
  /** What is started and stopped in it. */
  readonly targets: readonly TargetId[];
}
export interface OutlineChange {
  readonly target: TargetId;
  readonly tier?: TierName;
  readonly kind: Kind;
  readonly change: Change;
  readonly from: string;
  readonly to: string;
  readonly because?: string;
}

/** Rows that a `data: restore` gives up: counted now, less those in the snapshot. */
export interface Loss {
  readonly store: TargetId;
  readonly rowsNow: number;
  readonly rowsThen: number;
  readonly lost: number;
  /** When the snapshot was taken, ISO 8601. */
  readonly since: string;
}

/** Expected time: measured in the newest runs of the platform that completed, or estimated as long as there is none. */
export interface Forecast {
  readonly outage: Duration;
  readonly total: Duration;
  readonly from: 'measured' | 'estimated';
}
