import type { PlatformName, ReleaseId, SnapshotId, TargetId } from '../plan/ids.ts';
import type { TargetState } from '../plan/run-plan.ts';

/** The releases of every platform, and which of them are good. Bodies are encrypted at rest. */
export interface Ledger {
  /** @throws DriverError conflict when the id is taken by a release of other content */
  add(release: NewRelease): Promise<ReleaseEntry>;
  find(platform: PlatformName, id: ReleaseId): Promise<ReleaseEntry | undefined>;
  /** Newest first. */
  list(platform: PlatformName): Promise<readonly ReleaseEntry[]>;
  /** What it holds of one target, decrypted. Secret. @throws DriverError missing | corrupt */
  load(platform: PlatformName, id: ReleaseId, target: TargetId): Promise<RecordedBody>;
  /** Appends evidence; never rewrites what stands. */
  promote(platform: PlatformName, id: ReleaseId, good: GoodEvidence): Promise<ReleaseEntry>;
  attach(platform: PlatformName, id: ReleaseId, snapshot: SnapshotId): Promise<ReleaseEntry>;
}

/** As drivers/contract.ts `Recorded`: structurally the same, kept apart so that neither folder needs the other. */
export interface RecordedBody {
  readonly state: TargetState;
  readonly body: unknown;
}

export interface NewRelease {
  readonly platform: PlatformName;
  readonly id: ReleaseId;
  /** What made it: `record`, or the run that found it. */
  readonly origin: 'record' | 'run';
  readonly by: string;
  readonly targets: readonly RecordedBody[];
}

/** Safe to show. */
export interface ReleaseEntry {
  readonly platform: PlatformName;
  readonly id: ReleaseId;
  readonly origin: 'record' | 'run';
  readonly by: string;
  /** ISO 8601. */
  readonly recordedAt: string;
  readonly targets: readonly TargetState[];
  readonly good?: GoodEvidence;
  /** Newest first. */
  readonly snapshots: readonly SnapshotId[];
}

/** Good is earned: deployed, soaked, probed. */
export interface GoodEvidence {
  readonly at: string;
  readonly by: string;
  /** `soaked 30m of 30m, 41 of 41 probes passed, no restarts`. */
  readonly reason: string;
  readonly samples: readonly ProbeSample[];
}

/** What aftercare compares with later. */
export interface ProbeSample {
  readonly target: string;
  readonly probe: string;
  /** Milliseconds to the answer, median. */
  readonly answerMs: number;
}
