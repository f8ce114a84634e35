import type { HostName, PlatformName, RunId } from '../plan/ids.ts';

export type { Recording, RecordRequest, Survey, SurveyRequest } from '../activities/contract.ts';

import type { Answer } from '../policy/answers.ts';

/** The contract with everybody outside: workflow types, ids, queues, and what a run can be told and asked. */
export const TASK_QUEUE = 'lastgood';
/** Where an engine's work goes: only a worker on that host serves it. */
export const hostQueue = (host: HostName | string, queue: string = TASK_QUEUE): string => `${queue}:${host}`;

/** The id is the lock: one open run a platform. */
export const rollbackId = (platform: PlatformName | string): string => `rollback:${platform}`;
export const surveyId = (platform: PlatformName | string, unique: string): string => `survey:${platform}:${unique}`;
export const recordId = (platform: PlatformName | string): string => `record:${platform}`;
export const aftercareId = (platform: PlatformName | string): string => `aftercare:${platform}`;

/** Payloads of signals and updates: one plain JSON object each. `by` is what the sender says, unverified. */
export interface Confirm {
  readonly by: string;
  /** At least the first 8 characters of the run hash. */
  readonly hash: string;
  readonly reason?: string;
}
export interface Said {
  readonly by: string;
  readonly reason: string;
}
export interface Decide extends Said {
  readonly decide: Answer;
}

/** What an update's sender hears. */
export interface Heeded {
  readonly counted: boolean;
  readonly why: string;
}

/** Wire names, and the sentence that the Web UI shows beside each. */
export const MESSAGES = {
  confirm: 'Approve this run: {"by":"you","hash":"<8+ characters of the run hash>"}',
  deny: 'Refuse this run before the freeze: {"by":"you","reason":"why"}',
  pause: 'Stop before the next step: {"by":"you","reason":"why"}',
  resume: 'Go on after a pause: {"by":"you","reason":"why"}',
  abort: 'Before traffic opens: undo everything and end reverted: {"by":"you","reason":"why"}',
  decide: 'Answer a held run: {"decide":"retry|revert|handover","by":"you","reason":"why"}',
  acknowledge: 'Stop the escalation, somebody is on it: {"by":"you","reason":"on it"}',
  alert: 'Add evidence to the run: {"by":"sender","reason":"what was seen"}',
} as const;
export type MessageName = keyof typeof MESSAGES;

/** Those whose sender hears the answer: they are updates too. */
export const UPDATES: readonly MessageName[] = ['confirm', 'deny', 'abort', 'decide'];

export const QUERIES = {
  progress: 'Where the run is: phase, step, what is awaited, time against budget (JSON)',
  report: 'The report so far (Markdown)',
} as const;

export const SEARCH_ATTRIBUTES = {
  LastgoodPlatform: 'KEYWORD',
  LastgoodPhase: 'KEYWORD',
  LastgoodMode: 'KEYWORD',
  LastgoodSeverity: 'KEYWORD',
  LastgoodOutcome: 'KEYWORD',
  LastgoodRelease: 'KEYWORD',
  LastgoodRunHash: 'KEYWORD',
  LastgoodDrill: 'BOOL',
} as const;

export interface AftercareRequest {
  readonly platform: PlatformName;
  readonly host: HostName;
  readonly run: RunId;
  readonly hash: string;
  readonly forMs: number;
  readonly everyMs: number;
  /** Channels that hear why what undo kept could not be dropped. */
  readonly tell?: readonly string[];
  /** Of a watch that goes on in a new history: where it stood. `until`: end of the comparing, milliseconds since the epoch. */
  readonly carried?: {
    readonly until: number;
    readonly samples: number;
    readonly worse: readonly string[];
    readonly kept: string;
    readonly tries: number;
  };
}
