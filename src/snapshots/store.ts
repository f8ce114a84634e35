import type { PlatformName, ReleaseId, RunId, SnapshotId, TargetId } from '../plan/ids.ts';

/** Where snapshots lie. A snapshot exists when its manifest does, and never changes after. */
export interface SnapshotStore {
  /** @throws DriverError unavailable | refused (no space) */
  create(about: SnapshotAbout): Promise<SnapshotWriter>;
  /** @throws DriverError missing | corrupt (the manifest does not match its own digest) */
  open(id: SnapshotId): Promise<SnapshotReader>;
  /** Bytes that can be written now; undefined when that cannot be told. */
  free(): Promise<number | undefined>;
  /** Newest first; those whose manifest cannot be read are named in `broken`. */
  list(
    platform: PlatformName,
  ): Promise<{ readonly snapshots: readonly Manifest[]; readonly broken: readonly string[] }>;
}

export interface SnapshotAbout {
  readonly platform: PlatformName;
  /** The release whose data it is. */
  readonly release: ReleaseId;
  readonly run: RunId;
  /** How the stores stood: engine down, or a copy under way. */
  readonly consistency: 'stopped';
}

export interface SnapshotWriter {
  readonly id: SnapshotId;
  /** Cuts `bytes` into frames, hashes and stores them. Two artifacts may be written at once. `progress` takes raw bytes so far. */
  write(name: string, bytes: AsyncIterable<Uint8Array>, options: WriteOptions): Promise<Artifact>;
  /** Reads every stored byte back (`progress` takes how many), then writes the manifest: from here on the snapshot exists. */
  publish(facts: SnapshotFacts, options?: WriteOptions): Promise<Manifest>;
  /** Removes what was written. Safe to call twice, and after a failure. */
  discard(): Promise<void>;
}
export interface WriteOptions {
  readonly signal: AbortSignal;
  progress(rawBytes: number): void;
}

export interface SnapshotReader {
  readonly manifest: Manifest;
  /** The artifact's raw bytes, each frame checked against both its hashes before it is given. @throws DriverError corrupt | missing */
  read(name: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Reads and checks everything, giving nothing. @throws DriverError corrupt, naming artifact and frame */
  verify(depth: 'stored' | 'raw', signal: AbortSignal, progress?: (bytes: number) => void): Promise<void>;
}

export interface SnapshotFacts {
  /** Rows by store, as counted when the gates were shut. A store that was not counted is absent. */
  readonly rows: Readonly<Record<TargetId, number>>;
  /** What an engine said of its files: `postgres-data: PostgreSQL 15, shut down cleanly`. */
  readonly notes: readonly string[];
}

export interface Manifest extends SnapshotAbout, SnapshotFacts {
  readonly version: 1;
  readonly id: SnapshotId;
  /** ISO 8601. */
  readonly takenAt: string;
  readonly artifacts: readonly Artifact[];
  /** SHA-256 of the canonical manifest less this field. */
  readonly digest: string;
}

export interface Artifact {
  readonly name: string;
  readonly codec: 'zstd';
  readonly rawBytes: number;
  readonly storedBytes: number;
  readonly rawSha256: string;
  readonly storedSha256: string;
  readonly frames: number;
}
