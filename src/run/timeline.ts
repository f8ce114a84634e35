import type { TierName } from '../plan/ids.ts';
import type { RunProgress, StepRecord } from './progress.ts';
import type { Direction, StepName } from './step.ts';

/** One stretch of a run: a step that ended, or one part of it. */
export interface TimelineRow {
  readonly step: StepName;
  readonly direction: Direction;
  readonly round: number;
  /** Absent: the whole step. */
  readonly part?: string;
  /** Milliseconds since the run's start. */
  readonly beganMs: number;
  readonly ms: number;
  /** Whether traffic was shut, or being shut or opened: whether this is outage. */
  readonly shut: boolean;
  /** The targets that took longest, the longest first. */
  readonly slowest: readonly { readonly target: string; readonly ms: number }[];
}

/** Three say where to look; all of them stand in the steps. */
const SHOWN = 3;

/** Pure: where a run's time went, from its progress alone. Steps under way are left out. */
export function timelineOf(p: RunProgress): TimelineRow[] {
  return p.steps.flatMap(step => (step.endedAt === undefined ? [] : [rowOf(p, step), ...partsOf(p, step)]));
}

function rowOf(p: RunProgress, step: StepRecord): TimelineRow {
  return { ...stretch(p, step, step.beganAt, step.endedAt ?? step.beganAt), slowest: slowest(step) };
}

/** A part lasts until the next begins, the last one until the step's end. */
function partsOf(p: RunProgress, step: StepRecord): TimelineRow[] {
  const parts = step.parts ?? [];
  return parts.map(({ part, tier, beganAt }, at) => ({
    ...stretch(p, step, beganAt, parts[at + 1]?.beganAt ?? step.endedAt ?? beganAt),
    part,
    slowest: slowest(step, targetsOf(p, tier)),
  }));
}

function stretch(p: RunProgress, step: StepRecord, from: string, to: string): Omit<TimelineRow, 'part' | 'slowest'> {
  const isAfterFreeze = p.frozenAt !== undefined && from >= p.frozenAt;
  const isBeforeThaw = p.thawedAt === undefined || from < p.thawedAt;
  return {
    step: step.step,
    direction: step.direction,
    round: step.round,
    beganMs: between(p.startedAt, from),
    ms: between(from, to),
    shut: isAfterFreeze && isBeforeThaw,
  };
}

function targetsOf(p: RunProgress, tier: TierName | undefined): readonly string[] {
  return p.outline?.tiers.find(one => one.tier === tier)?.targets ?? [];
}

const slowest = (step: StepRecord, among?: readonly string[]): TimelineRow['slowest'] =>
  (step.result?.targets ?? [])
    .flatMap(({ target, ms }) =>
      ms === undefined || (among !== undefined && !among.includes(target)) ? [] : [{ target, ms }],
    )
    .sort((a, b) => b.ms - a.ms)
    .slice(0, SHOWN);

const between = (from: string, to: string): number => Math.max(0, Date.parse(to) - Date.parse(from));
