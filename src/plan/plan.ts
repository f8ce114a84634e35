import type { Duration } from './duration.ts';
import type { GateName, HostName, PlanDigest, PlatformName, TargetId, TierName } from './ids.ts';

/** A plan file, parsed and checked: WHAT to roll back. Made by `parsePlan` and trusted from there on. */
export interface Plan {
  readonly platform: PlatformName;
  readonly digest: PlanDigest;
  readonly hosts: readonly Host[];
  /** Start order; stop is the reverse. */
  readonly tiers: readonly TierName[];
  /** In the file's order. */
  readonly targets: readonly Target[];
  /** Shut in this order, opened in the reverse. */
  readonly gates: readonly GateSpec[];
  readonly release: { readonly soak: Duration; readonly keep: number };
  /** A directory of the worker's host. */
  readonly snapshots: { readonly store: string };
  readonly budgets: Budgets;
  readonly verify: Verify;
  readonly policy: Readonly<Record<Severity, ApprovalRule>>;
  readonly onFailure: OnFailure;
  readonly afterRevert: 'open' | 'stay-shut';
  readonly escalation: readonly EscalationLevel[];
  readonly channels: readonly ChannelSpec[];
  readonly aftercare: { readonly for: Duration; readonly every: Duration };
  /** Containers the plan does not list, yet accepts beside its stores and gates. */
  readonly accept: { readonly containers: readonly string[] };
}

/** A host is a task queue and what its worker may reach. */
export interface Host {
  readonly name: HostName;
  /** As `DOCKER_HOST`: `unix:///var/run/docker.sock`. */
  readonly docker: string;
}

export type Target = ContainerTarget | VolumeTarget | FilesTarget;
export type Kind = Target['kind'];

interface AnyTarget {
  readonly id: TargetId;
  readonly host: HostName;
  /** Absent on targets that nothing starts or stops, and on gates, which thaw starts. */
  readonly tier?: TierName;
  readonly probes: readonly ProbeSpec[];
}

export interface ContainerTarget extends AnyTarget {
  readonly kind: 'docker';
  readonly container: string;
  readonly stop: StopSpec;
  /** Paths whose changes in the writable layer are expected, as `/var/run`. */
  readonly ignoreChanges: readonly string[];
  /** Changes in the writable layer that the run may lose. */
  readonly acceptChanges: boolean;
}

export interface StopSpec {
  /** Absent: the container's own stop signal. */
  readonly signal?: string;
  readonly grace: Duration;
  /** Past the grace: `kill` (services), or `never` (stores: the step fails and people decide). Absent: `never` for what mounts a captured volume. */
  readonly hard?: 'kill' | 'never';
}

export interface VolumeTarget extends AnyTarget {
  readonly kind: 'docker-volume';
  readonly volume: string;
  readonly data: DataChoice;
  /** Stores of one name are restored from one point or none. */
  readonly together?: string;
  /** What one row is, so that a loss can be counted. */
  readonly count?: RowCount;
  /** What the files are, so that a capture can be checked: a cleanly shut down PostgreSQL cluster. */
  readonly holds?: 'postgres';
}

/** `keep`: never replaced by the run. `restore`: replaced by the release's snapshot. */
export type DataChoice = 'keep' | 'restore';

export type RowCount =
  | { readonly by: 'sql'; readonly query: string; readonly target: TargetId; readonly login: SqlLogin }
  /** Lines of one file inside the volume. */
  | { readonly by: 'lines'; readonly file: string };

export interface FilesTarget extends AnyTarget {
  readonly kind: 'files';
  /** A file or a directory of the host. */
  readonly path: string;
  readonly usedBy: readonly TargetId[];
}

export type Severity = 'P0' | 'P1' | 'P2' | 'P3';

export interface GateSpec {
  readonly name: GateName;
  readonly host: HostName;
  readonly container: string;
  /** The target that is the gate's own container, when the plan also rolls it back. */
  readonly target?: TargetId;
  readonly by: 'stop';
  readonly grace: Duration;
  /** How it looks from outside when shut. */
  readonly observe: { readonly http: string; readonly shut: 'refused' };
}

export interface SqlLogin {
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password?: SecretRef;
}

/** `${file:/run/secrets/pg}` or `${env:PGPASSWORD}`: resolved in the worker only, never carried. */
export type SecretRef =
  | { readonly from: 'file'; readonly path: string }
  | { readonly from: 'env'; readonly variable: string };

export type JsonScalar = string | number | boolean | null;

/** What is asked of a target inside its network (`port`), or of the front door (`url`). */
export type ProbeSpec =
  | HttpProbe
  | { readonly kind: 'tcp'; readonly port: number; readonly within: Duration }
  | { readonly kind: 'sql'; readonly query: string; readonly login: SqlLogin; readonly within: Duration }
  | { readonly kind: 'redis'; readonly port: number; readonly within: Duration };

export interface HttpProbe {
  readonly kind: 'http';
  /** With `port`: a path inside the target's network. Without: a whole URL, for the front door. */
  readonly http: string;
  readonly port?: number;
  readonly method: 'GET' | 'POST' | 'HEAD';
  readonly bearer?: SecretRef;
  readonly status: number;
  /** JSON pointer -> the value that must stand there. */
  readonly json: Readonly<Record<string, JsonScalar>>;
  readonly within: Duration;
}

/** The steps whose time is watched, in the words of the phases. */
export type Phase =
  | 'admit'
  | 'prepare'
  | 'confirm'
  | 'freeze'
  | 'snapshot'
  | 'stop'
  | 'restore'
  | 'start'
  | 'verify'
  | 'thaw';

export interface Budget {
  /** Past it people hear of it. */
  readonly target: Duration;
  /** Past it the step is cancelled and fails. */
  readonly max: Duration;
}
export type Budgets = Readonly<Record<Exclude<Phase, 'confirm'> | 'undo' | 'total', Budget>>;

export interface Verify {
  /** How long the platform must hold still inside, before and after the probes agree. */
  readonly window: Duration;
  /** No container may have restarted more often than this since its start in this run. */
  readonly restarts: number;
  readonly frontDoor: readonly HttpProbe[];
}

export interface ApprovalRule {
  readonly approvals: number;
  readonly by: readonly string[];
  readonly within: Duration;
  readonly silence: 'refuse' | 'escalate';
}

export interface OnFailure {
  /** From the freeze until the first swap. */
  readonly beforeRestore: 'revert' | 'ask';
  /** From the first swap until the line. */
  readonly afterRestore: 'revert' | 'ask';
  /** How long a question before the line waits, and what silence then means. No `within`: it waits without limit. */
  readonly silence: 'revert' | 'stay';
  readonly within: Duration;
}

export interface EscalationLevel {
  readonly level: number;
  /** Channel names. */
  readonly tell: readonly string[];
  readonly acknowledgeWithin: Duration;
}

export type ChannelSpec =
  | { readonly name: string; readonly kind: 'log' }
  | { readonly name: string; readonly kind: 'webhook'; readonly url: string; readonly secret: SecretRef };
