import type { GateName, HostName, PlatformName, ReleaseId, RunHash, RunId, TargetId, TierName } from '../plan/ids.ts';
import type { EscalationLevel } from '../plan/plan.ts';
import type { RollbackRequest } from '../plan/rollback-request.ts';
import type { Loss, RunOutline } from '../plan/run-plan.ts';
import type { ReleaseEntry } from '../releases/ledger.ts';
import type { NumberedEvent, Outcome } from '../run/events.ts';
import type { RunReport } from '../run/report.ts';
import type { Saying } from '../run/saying.ts';
import type { Direction, StepName, StepResult } from '../run/step.ts';

/** What every engine activity is told. Plain JSON; the RunPlan itself is loaded by its hash, and by nothing else. */
export interface StepOrder {
  readonly platform: PlatformName;
  readonly hash: RunHash;
  readonly host: HostName;
  readonly step: StepName;
  readonly direction: Direction;
  /** Past the line: what users wrote since is told with whatever fails. */
  readonly hasOpened: boolean;
  readonly round: number;
  /** Counts what the run has sent out; a later turn cuts off every older one. */
  readonly turn: number;
  /** What it is about. Empty: all that the step concerns. */
  readonly targets: readonly TargetId[];
  readonly tier?: TierName;
  readonly gates: readonly GateName[];
  /** Past it the activity says what it still waits for instead of trying again. Milliseconds since the epoch. */
  readonly until: number;
  /** Milliseconds that an attempt gets which begins when that time is over: no worker was there. The workflow's own timer still ends it. */
  readonly grace: number;
  /** Decisions and verdicts that the journal must hold before anything is done. */
  readonly records: readonly NumberedEvent[];
  /** A take-over: whose objects these are. */
  readonly onBehalfOf?: RunId;
  /** When the last look that steps rest on was over: `StepResult.seenAt`. Absent: none yet. */
  readonly seenAt?: string;
}

/** What became of gates that were to be shut. */
export interface EnsuredShut {
  readonly result: StepResult;
  readonly notShut: readonly GateName[];
  /** What users wrote since they were let in to the release; empty before that. */
  readonly written: string;
  /** A gate was found up, or somebody answered behind it, or nobody can say that none was. */
  readonly letIn?: true;
}

/** What `openPlan` says of a platform: where its engine is, or why it cannot be. */
export type PlanOpened =
  | {
      readonly verdict: 'passed';
      readonly host: HostName;
      /** As the worker is set: see `Deps`. */
      readonly heartbeat?: number;
    }
  | { readonly verdict: 'failed'; readonly result: StepResult };

export type Admission =
  /** `by`: the run that claimed the platform; a survey claims nothing. */
  | { readonly verdict: 'passed'; readonly outline: RunOutline; readonly result: StepResult; readonly by?: RunId }
  /** `people`: who is to hear of it, for another run was left in the middle and nobody is at work. */
  | { readonly verdict: 'failed'; readonly result: StepResult; readonly people?: readonly EscalationLevel[] };

export interface AdmitOrder {
  readonly request: RollbackRequest;
  readonly host: HostName;
  readonly turn: number;
  readonly until: number;
  /** A survey computes and prints, claims nothing and writes nothing. */
  readonly survey: boolean;
}

/** What a take-over found in the journal of the run whose workflow is gone. */
export interface TakenOver {
  readonly result: StepResult;
  readonly outline?: RunOutline;
  /** The run that holds the platform from here on. */
  readonly by?: RunId;
  /** Whose objects are to be taken back or finished: the first run's, when one take-over took over another. */
  readonly objectsOf?: RunId;
  /** Forward steps that had begun, in their order. Empty for a run that had closed, and left nothing but its lock. */
  readonly begun: readonly StepName[];
}

export interface LiveCaptured {
  readonly result: StepResult;
  readonly losses: readonly Loss[];
}

export interface CloseOrder {
  readonly platform: PlatformName;
  readonly host: HostName;
  readonly outcome: Outcome;
  readonly report: RunReport;
  readonly records: readonly NumberedEvent[];
  readonly until: number;
  /** Milliseconds for an attempt that begins when `until` is past: its worker was away. */
  readonly grace: number;
  /** False when a person took over: lock and undo are kept for them. */
  readonly release: boolean;
  readonly onBehalfOf?: RunId;
}

export interface RunClosed {
  /** What could not be closed or written, and why; empty when all of it was. */
  readonly lost: string;
  /** After a run that went back or was refused: the newest completed one whose undo is still kept. Its watch may have handed over. */
  readonly unsettled?: { readonly run: RunId; readonly hash: RunHash };
}

/** What needs no machine: queue `lastgood`. */
export interface OfficeActivities {
  openPlan(platform: PlatformName): Promise<PlanOpened>;
  notify(told: {
    platform: PlatformName;
    channel: string;
    id: string;
    saying: Saying;
    /** Of the run that it tells of, where the saying's progress does not have it. */
    hash?: RunHash;
  }): Promise<{ delivered: boolean; why: string }>;
}

/** What touches an engine: queue `lastgood:<host>`. One verb each; each returns a verdict, and throws only to be tried again. */
export interface EngineActivities {
  admit(order: AdmitOrder): Promise<Admission>;
  takeOver(order: AdmitOrder): Promise<TakenOver>;
  stageRelease(order: StepOrder): Promise<StepResult>;
  dropStaged(order: StepOrder): Promise<StepResult>;
  recheckPlatform(order: StepOrder): Promise<StepResult>;
  shutGates(order: StepOrder): Promise<StepResult>;
  openGates(order: StepOrder & { as: 'release' | 'found' }): Promise<StepResult>;
  /** Observes the gates, shuts those that are not, and says what was written since traffic opened; nothing before the line. */
  ensureShut(order: StepOrder): Promise<EnsuredShut>;
  captureLive(order: StepOrder): Promise<LiveCaptured>;
  stopTier(order: StepOrder): Promise<StepResult>;
  startTier(order: StepOrder): Promise<StepResult>;
  startTierAsFound(order: StepOrder): Promise<StepResult>;
  captureStopped(order: StepOrder): Promise<StepResult>;
  swapIn(order: StepOrder): Promise<StepResult>;
  swapBack(order: StepOrder): Promise<StepResult>;
  judgeInside(order: StepOrder): Promise<StepResult>;
  judgeAsFound(order: StepOrder): Promise<StepResult>;
  judgeFrontDoor(order: StepOrder): Promise<StepResult>;
  closeRun(order: CloseOrder): Promise<RunClosed>;
}

export type SurveyRequest =
  | { readonly what: 'plan'; readonly request: RollbackRequest }
  | { readonly what: 'releases'; readonly platform: PlatformName }
  | { readonly what: 'release'; readonly platform: PlatformName; readonly id: ReleaseId };

export type Survey =
  | { readonly what: 'plan'; readonly admission: Admission }
  | { readonly what: 'releases'; readonly releases: readonly ReleaseEntry[] }
  | { readonly what: 'release'; readonly release: ReleaseEntry | null };

export interface RecordRequest {
  readonly platform: PlatformName;
  readonly by: string;
  readonly what: 'record' | 'good';
  /** Of `record`: absent, a name is made of the time. Of `good`: absent, the newest recorded one. */
  readonly release?: ReleaseId;
  /** Of `record`: take a capture of the stores too. Traffic must be shut. */
  readonly capture: boolean;
  /** Of `record`: take what does not run as it is. A run to such a release leaves it down. */
  readonly allowStopped?: boolean;
}
export interface RecordOrder {
  readonly request: RecordRequest;
  readonly host: HostName;
  readonly turn: number;
  /** Past it an engine that does not answer is given up, as long as nothing has begun. Milliseconds since the epoch. */
  readonly answered: number;
  readonly until: number;
}
export interface Recording {
  readonly result: StepResult;
  readonly release?: ReleaseEntry;
}
/** `waitMs`: how much longer the release must hold still before it can be judged. */
export interface GoodJudged extends Recording {
  readonly waitMs: number;
}

export interface WatchOrder {
  readonly platform: PlatformName;
  readonly host: HostName;
  readonly run: RunId;
  readonly hash: RunHash;
  readonly turn: number;
  readonly until: number;
}
export interface Watched {
  /** Empty when nothing is worse than the baseline. */
  readonly worse: string;
  readonly tell: readonly string[];
}

/** Beside the rollback: looking, recording, and what follows a completed run. On the host's queue. */
export interface CareActivities {
  /** `until`: past it an engine that does not answer is given up. */
  survey(request: SurveyRequest, host: HostName, until: number): Promise<Survey>;
  recordRelease(order: RecordOrder): Promise<Recording>;
  captureStores(order: RecordOrder): Promise<Recording>;
  judgeGood(order: RecordOrder): Promise<GoodJudged>;
  compareWithBaseline(order: WatchOrder): Promise<Watched>;
  /** Exports the outgoing stores that the run replaced, and reads the export back. */
  exportOutgoing(order: WatchOrder): Promise<StepResult>;
  /** Drops what undo kept. Refused while an export is not read back. */
  settle(order: WatchOrder): Promise<StepResult>;
}
