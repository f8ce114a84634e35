import type { JournalEntry } from '../../src/executor/contract.ts';
import type { Verdict } from '../../src/run/step.ts';

/**
 * All that is known of a run from inside and from outside. What is absent is not checked, and said so; what is given is
 * taken to be whole: an empty list of engine events says that there were none. Times are ISO 8601, of one machine.
 */
export interface RunEvidence {
  /** The run that is judged. Absent: of the only journal there is. */
  readonly run?: string;
  /** Every journal of the platform during the test, from every worker's directory. */
  readonly journals?: readonly JournalEvidence[];
  /** What the final report says; `open` when the run never closed. */
  readonly outcome?: 'completed' | 'reverted' | 'refused' | 'held' | 'open';
  /** Who took a held run over. */
  readonly handedOverTo?: string;
  /** Run hashes that people approved, or at least 8 of their first characters; of a run that needed no approval, the one that its start stated. */
  readonly approved?: readonly string[];
  /** Expected just before the freeze, expected of the release, and found by a look at the end. */
  readonly targets?: readonly TargetEvidence[];
  /** Each gate as a user found it at the end. */
  readonly gates?: readonly { readonly gate: string; readonly state: 'open' | 'shut' | 'unknown' }[];
  readonly afterRevert?: 'open' | 'stay-shut';
  /** In the order in which it happened; `timelineOf` reads it from a journal. */
  readonly timeline?: readonly Moment[];
  /** What the engine itself said that happened to the platform's targets, recorded from outside during the run. */
  readonly recorder?: readonly EngineEvent[];
  /** Which effects (their journalled names) cause an engine's action. Actions that are not named are not compared. */
  readonly causes?: Readonly<Record<string, readonly string[]>>;
  readonly captures?: readonly CaptureEvidence[];
  readonly answers?: readonly Answer[];
  /** The versions that targets answer with. Absent: those of `targets`. */
  readonly served?: { readonly now: Versions; readonly release: Versions };
  readonly writes?: readonly WriteEvidence[];
  /** Absent: no acknowledged write may be missing. */
  readonly loss?: {
    readonly ceiling: number;
    /** As fixed at the freeze. */
    readonly fixed?: number;
    /** When the gates were shut: what was acknowledged later may not be lost at all. */
    readonly frozenAt?: string;
  };
  /** Everything written that may not hold a secret: history JSON, journal, logs, outputs, reports. */
  readonly texts?: readonly { readonly name: string; readonly text: string }[];
  /** Secrets that were planted in settings and files. */
  readonly canaries?: readonly string[];
  readonly notifications?: readonly Delivered[];
  /** What had to be told: by when, at the latest, a message of that level was to be delivered. */
  readonly escalations?: readonly { readonly level: number; readonly by: string }[];
  /** Who held the engine's claim, as seen from outside, in its order. */
  readonly claims?: readonly { readonly at: string; readonly run: string; readonly action: 'claimed' | 'released' }[];
  /** Decisions that the report tells of, by the journal's word for each: `answered`, `heard`. */
  readonly decisions?: readonly string[];
}

export interface JournalEvidence {
  readonly platform: string;
  readonly run: string;
  readonly entries: readonly JournalEntry[];
  /** Hash of the last entry as kept elsewhere: without it a cut end is not seen. */
  readonly head?: string;
}

export interface Look {
  readonly version: string;
  readonly settings?: string;
  readonly activity?: string;
}
export interface TargetEvidence {
  readonly target: string;
  readonly now: Look;
  readonly release: Look;
  /** Absent: it could not be looked at. */
  readonly observed?: Look;
}

export type Moment = { readonly at: string } & (
  | { readonly what: 'gate-shut'; readonly gate: string }
  /** Told to open; `to` what. */
  | { readonly what: 'gate-open'; readonly gate: string; readonly to: 'release' | 'found' }
  | {
      readonly what: 'verified';
      readonly of: 'release' | 'found';
      readonly verdict: Verdict;
      readonly probes?: readonly Verdict[];
    }
  /** The run changed what was verified, or is about to be. */
  | { readonly what: 'changed'; readonly target: string }
);

export interface EngineEvent {
  readonly at: string;
  readonly target: string;
  /** `start`, `die`, `rename`, `destroy`. */
  readonly action: string;
  /** What started: its image id. */
  readonly version?: string;
  /** Bytes or an object that nothing else holds went away with it. */
  readonly destroys?: boolean;
  /** Which one of all that had the target's name: a container's id. Then a capture of another one holds nothing of it. */
  readonly object?: string;
}

export interface CaptureEvidence {
  readonly target: string;
  /** As of an engine's event: what was captured. */
  readonly object?: string;
  readonly at: string;
  readonly hashed: boolean;
  readonly readBack: boolean;
}

/** Target -> version. */
export type Versions = Readonly<Record<string, string>>;

/** One answer that came through the gates, and which versions took part in it. */
export interface Answer {
  readonly at: string;
  /** Absent: at once. */
  readonly answeredAt?: string;
  readonly versions: Versions;
}

export interface WriteEvidence {
  readonly id: string;
  readonly acknowledgedAt: string;
  /** How often it is there at the end. */
  readonly present: number;
}

export interface Delivered {
  readonly id: string;
  readonly at: string;
  readonly level: number;
  readonly title: string;
  readonly urgency: 'info' | 'page';
}
