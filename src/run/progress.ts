import type { RunId, TierName } from '../plan/ids.ts';
import type { Phase } from '../plan/plan.ts';
import type { RollbackRequest } from '../plan/rollback-request.ts';
import type { Loss, RunOutline } from '../plan/run-plan.ts';
import type { Awaiting, Heard, NumberedEvent, Outcome, RunEvent, Telling, Traffic } from './events.ts';
import { type Cause, type Direction, PHASE_OF, type StepName, type StepResult } from './step.ts';

/** All that is known of one run: the answer of the query `progress`, and what every surface renders. */
export interface RunProgress {
  readonly run: string;
  readonly request: RollbackRequest | undefined;
  readonly state: RunState;
  readonly outline?: RunOutline;
  /** Who claimed the platform for it: another run's id in one that Temporal reset, which holds nothing. */
  readonly admittedAs?: RunId;
  readonly phase: Phase;
  readonly step: StepName;
  readonly direction: Direction;
  /** What is under way inside the step: `tier 3 · streaming · 3 services`. */
  readonly part: string;
  readonly round: number;
  readonly traffic: Traffic;
  readonly awaiting?: Awaiting;
  readonly steps: readonly StepRecord[];
  readonly losses: readonly Loss[];
  readonly heard: readonly (Heard & { readonly at: string })[];
  readonly told: readonly (Telling & { readonly at: string })[];
  readonly leftBehind: readonly string[];
  readonly notShut: readonly string[];
  readonly startedAt: string;
  /** Milliseconds: the target or the maximum of the whole run, whichever was passed last. */
  readonly pastTotal?: number;
  /** When the first gate was told to shut. */
  readonly frozenAt?: string;
  /** When the first gate was told to open to the release: the line. */
  readonly lineAt?: string;
  /** When traffic was last seen open again after the freeze. */
  readonly thawedAt?: string;
  readonly closedAt?: string;
  readonly outcome?: Outcome;
  /** Of an end that came by people, by their silence, or because nobody was there to ask. */
  readonly cause?: Cause;
  readonly headline: string;
  /** How many events made this. */
  readonly events: number;
}

export type RunState = 'running' | 'waiting' | 'paused' | 'reverting' | 'held' | 'closed';

export interface StepRecord {
  readonly step: StepName;
  readonly direction: Direction;
  readonly round: number;
  readonly beganAt: string;
  readonly endedAt?: string;
  readonly result?: StepResult;
  readonly pastTarget: boolean;
  /** Its parts that began, in order: one lasts until the next begins. */
  readonly parts?: readonly StepPart[];
}

export interface StepPart {
  readonly part: string;
  readonly tier?: TierName;
  readonly beganAt: string;
}

/** The longest lists a query carries; older ones are in the journal. */
const KEPT = 50;
const kept = <T>(list: readonly T[], item: T): T[] => [...list, item].slice(-KEPT);

export const notStarted: RunProgress = {
  run: '',
  request: undefined,
  state: 'running',
  phase: 'admit',
  step: 'admit',
  direction: 'forward',
  part: '',
  round: 1,
  traffic: 'open',
  steps: [],
  losses: [],
  heard: [],
  told: [],
  leftBehind: [],
  notShut: [],
  startedAt: '',
  headline: 'not started',
  events: 0,
};

/** Pure: the same events give the same progress, wherever it is computed. */
export function reduce(before: RunProgress, { number, at, event }: NumberedEvent): RunProgress {
  return { ...apply(before, at, event), events: number };
}

function apply(p: RunProgress, at: string, event: RunEvent): RunProgress {
  switch (event.type) {
    case 'started':
      return { ...p, run: event.run, request: event.request, startedAt: at, headline: 'reading the plan' };
    case 'admitted':
      return {
        ...p,
        outline: event.outline,
        losses: event.outline.losses,
        ...(event.by === undefined ? {} : { admittedAs: event.by }),
      };
    case 'taken-over':
      return {
        ...p,
        ...(event.begun.includes('shut-gates') ? { frozenAt: at, traffic: 'unknown' as const } : {}),
        ...(event.begun.includes('open-gates') ? { lineAt: at } : {}),
      };
    case 'step-began':
      return began(p, at, event.step, event.direction, event.round);
    case 'part-began':
      return { ...p, part: event.part, steps: mapLast(p.steps, last => withPart(last, at, event)) };
    case 'step-ended':
      return ended(p, at, event.result);
    case 'past-target':
      return { ...p, steps: mapLast(p.steps, last => ({ ...last, pastTarget: true })) };
    case 'past-total':
      return { ...p, pastTotal: event.isMaximum ? event.max : event.target };
    case 'losses-fixed':
      return { ...p, losses: event.losses };
    case 'traffic':
      return event.traffic === 'open' && p.frozenAt !== undefined
        ? { ...p, traffic: 'open', thawedAt: at, notShut: [] }
        : {
            ...without(p, 'thawedAt'),
            traffic: event.traffic,
            ...(event.traffic === 'shut' ? { notShut: [] } : {}),
          };
    case 'awaiting':
      return {
        ...p,
        awaiting: event.awaiting,
        state: p.state === 'running' && p.step === 'approve' ? 'waiting' : p.state,
      };
    case 'heard':
      return { ...p, heard: kept(p.heard, { ...event.message, at }) };
    case 'paused':
      return { ...p, state: 'paused', headline: pausedHeadline(p, event) };
    case 'resumed':
      return p.state === 'paused' ? { ...p, state: 'running', headline: `resumed by ${event.by}` } : p;
    case 'reverting':
      return { ...without(p, 'awaiting'), state: 'reverting', headline: `reverting: ${event.reason}` };
    case 'held':
      return { ...p, state: 'held', notShut: event.notShut, headline: heldHeadline(event.reason, event.notShut) };
    case 'answered':
      return {
        ...without(p, 'awaiting'),
        state: 'running',
        headline: `${event.by} answered ${event.answer}: ${event.reason}`,
      };
    case 'told':
      return { ...p, told: kept(p.told, { ...event.telling, at }) };
    case 'left-behind':
      return { ...p, leftBehind: kept(p.leftBehind, event.what) };
    case 'closed':
      return {
        ...without(p, 'awaiting'),
        state: 'closed',
        outcome: event.outcome,
        ...(event.cause === undefined ? {} : { cause: event.cause }),
        headline: event.headline,
        closedAt: at,
      };
  }
}

function began(p: RunProgress, at: string, step: StepName, direction: Direction, round: number): RunProgress {
  const record: StepRecord = { step, direction, round, beganAt: at, pastTarget: false };
  const touching = direction === 'forward' && step === 'shut-gates' && p.frozenAt === undefined;
  const crossing = direction === 'forward' && step === 'open-gates' && p.lineAt === undefined;
  return {
    ...p,
    state: p.state === 'reverting' ? 'reverting' : 'running',
    step,
    direction,
    round,
    phase: PHASE_OF[step],
    part: '',
    headline: direction === 'undo' ? `taking back ${step}` : step,
    steps: [...p.steps, record],
    ...(touching ? { frozenAt: at } : {}),
    ...(crossing ? { lineAt: at } : {}),
  };
}

function ended(p: RunProgress, at: string, result: StepResult): RunProgress {
  // Approvals are asked for from admit on, and awaited until that step is over.
  const asked = p.step === 'approve' ? without(p, 'awaiting') : p;
  const unfrozen = result.stale === true && p.step === 'shut-gates' ? without(asked, 'frozenAt') : asked;
  const behind = result.unopened === true ? without(unfrozen, 'lineAt') : unfrozen;
  return {
    ...behind,
    state: p.state === 'waiting' ? 'running' : p.state,
    part: '',
    headline: result.reason,
    steps: mapLast(p.steps, last => ({ ...last, endedAt: at, result })),
  };
}

const withPart = (
  step: StepRecord,
  at: string,
  { part, tier }: Extract<RunEvent, { type: 'part-began' }>,
): StepRecord => ({
  ...step,
  parts: [...(step.parts ?? []), { part, ...(tier === undefined ? {} : { tier }), beganAt: at }],
});

/** A pause ends by people alone, and users may be shut out as long as it lasts. */
function pausedHeadline(p: RunProgress, { by, reason }: { readonly by: string; readonly reason: string }): string {
  const ends = p.lineAt === undefined ? 'resumes or aborts it' : 'resumes it';
  const shut = p.frozenAt !== undefined && p.traffic !== 'open' ? '; traffic is not open meanwhile' : '';
  return `paused by ${by}: ${reason}; it waits, without limit, until somebody ${ends}${shut}`;
}

const heldHeadline = (reason: string, notShut: readonly string[]): string =>
  notShut.length > 0 ? `NOT SHUT: ${notShut.join(', ')}. Held: ${reason}` : `held, traffic shut: ${reason}`;

const mapLast = <T>(list: readonly T[], change: (last: T) => T): T[] =>
  list.map((item, index) => (index === list.length - 1 ? change(item) : item));

function without<K extends keyof RunProgress>(p: RunProgress, key: K): RunProgress {
  const { [key]: _dropped, ...rest } = p;
  return rest as RunProgress;
}
