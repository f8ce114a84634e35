import type { Budget, Phase } from '../../../plan/plan.ts';
import type { RunProgress, StepRecord } from '../../../run/progress.ts';
import { PHASE_OF, STEPS, type Verdict } from '../../../run/step.ts';
import type { Scene } from './screen.ts';

/** One row of the view: a phase, or what took a step back. */
export interface PhaseRow {
  readonly name: string;
  readonly mark: Verdict | 'going' | 'coming' | 'never';
  /** Absent: it has not begun. */
  readonly ms?: number;
  readonly budget?: Budget;
  readonly note: string;
  /** Not a phase: what takes a step back. */
  readonly undo: boolean;
}

const PHASES: readonly Phase[] = [...new Set(STEPS.map(step => PHASE_OF[step]))];
const STEPS_OF = (phase: Phase): number => STEPS.filter(step => PHASE_OF[step] === phase).length;

/** Pure: the ten phases in their order, then the undos in theirs. */
export function phaseRows({ progress: p, now }: Scene): PhaseRow[] {
  const forward = PHASES.map(phase => {
    const records = p.steps.filter(step => step.direction === 'forward' && PHASE_OF[step.step] === phase);
    return records.length === 0 ? coming(p, phase) : begun(p, phase, records, now);
  });
  return [...forward, ...undone(p, now)];
}

function coming(p: RunProgress, name: Phase): PhaseRow {
  const over = p.outcome !== undefined || p.direction === 'undo' || p.state === 'reverting';
  return { name, mark: over ? 'never' : 'coming', note: '', undo: false };
}

function begun(p: RunProgress, phase: Phase, records: readonly StepRecord[], now: number): PhaseRow {
  const newest = [...new Map(records.map(record => [record.step, record])).values()];
  const last = records.at(-1)!;
  const bad = newest.find(record => record.result !== undefined && record.result.verdict !== 'passed');
  const ms = records.reduce((sum, record) => sum + timeOf(record, now), 0);
  const underWay = last.endedAt === undefined;
  const whole = newest.length === STEPS_OF(phase) || PHASES.indexOf(phase) < PHASES.indexOf(p.phase);
  const mark = underWay ? 'going' : bad !== undefined ? bad.result!.verdict : whole ? 'passed' : partly(p);
  const budget = phase === 'confirm' ? undefined : p.outline?.budgets[phase];
  const notes = [
    underWay && STEPS_OF(phase) > 1 ? last.step : '',
    bad !== undefined && !underWay && STEPS_OF(phase) > 1 ? bad.step : '',
    last.round > 1 ? `round ${last.round}` : '',
  ];
  return {
    name: phase,
    mark,
    ms,
    ...(budget === undefined ? {} : { budget }),
    note: notes.filter(note => note !== '').join(', '),
    undo: false,
  };
}

/** A phase of two steps that has done its first is still to come back, unless the run is over or turned round. */
const partly = (p: RunProgress): PhaseRow['mark'] =>
  p.outcome === undefined && p.direction === 'forward' ? 'coming' : 'passed';

function undone(p: RunProgress, now: number): PhaseRow[] {
  const records = p.steps.filter(step => step.direction === 'undo');
  const newest = [...new Map(records.map(record => [record.step, record])).values()];
  return newest.map(record => {
    const mark = record.result?.verdict ?? 'going';
    const budget = p.outline?.budgets.undo;
    return {
      name: NAMES[record.step] ?? `undo ${record.step}`,
      mark,
      ms: timeOf(record, now),
      ...(budget === undefined ? {} : { budget }),
      note: record.round > 1 ? `round ${record.round}` : '',
      undo: true,
    };
  });
}

/** An undo is named for what it takes back; these two are what a revert does at its end. */
const NAMES: Partial<Record<StepRecord['step'], string>> = {
  'judge-inside': 'verify as found',
  'shut-gates': 'open as found',
};

const timeOf = (record: StepRecord, now: number): number =>
  Math.max(0, (record.endedAt === undefined ? now : Date.parse(record.endedAt)) - Date.parse(record.beganAt));
