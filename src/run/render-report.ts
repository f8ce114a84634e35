import { formatDuration } from '../plan/duration.ts';
import { plainText } from './plain-text.ts';
import type { StepRecord } from './progress.ts';
import type { RunReport } from './report.ts';
import type { TimelineRow } from './timeline.ts';

/** The report as Markdown, for people and incident files. */
export function renderReport(r: RunReport): string {
  return [
    `# Rollback of ${r.platform}: ${r.outcome}`,
    '',
    plainText(r.headline),
    '',
    ...table(['', ''], facts(r)),
    ...section(
      'Time',
      table(
        ['phase', 'took', 'target', 'at most'],
        r.phases.map(time => [time.phase, took(time.ms), took(time.targetMs), took(time.maxMs)]),
      ),
    ),
    ...section(
      'Time line',
      table(['step', 'began', 'took', 'traffic', 'slowest targets'], timelineFor(r).map(timelineCells)),
    ),
    ...section('Steps', table(['step', 'verdict', 'took', 'what was found'], r.steps.map(stepRow))),
    ...section(
      'What changed',
      table(
        ['target', 'tier', 'from', 'to'],
        r.changes.filter(c => c.change !== 'unchanged').map(c => [c.target, c.tier ?? '', c.from, c.to]),
      ),
    ),
    ...section(
      'Data',
      table(
        ['store', 'rows at the freeze', 'rows in the snapshot', 'lost', 'snapshot of'],
        r.losses.map(l => [l.store, `${l.rowsNow}`, `${l.rowsThen}`, `${l.lost}`, l.since]),
      ),
    ),
    ...section(
      'What was heard',
      table(
        ['at', 'from', 'message', 'counted'],
        r.heard.map(h => [h.at, h.by, `${h.kind} ${h.reason}`.trim(), `${h.counted ? 'yes' : 'no'}: ${h.why}`]),
      ),
    ),
    ...section(
      'Who was told',
      table(
        ['at', 'channel', 'of what', 'delivered'],
        r.told.map(t => [t.at, t.channel, t.kind, `${t.delivered ? 'yes' : 'NO'} ${t.why}`.trim()]),
      ),
    ),
    ...section(
      'Left behind',
      r.leftBehind.map(what => `- ${plainText(what)}`),
    ),
    ...section(
      'Afterwards',
      (r.afterwards ?? []).map(what => `- ${plainText(what)}`),
    ),
    ...section(
      'Next',
      r.next.map(what => `    ${what}`),
    ),
  ].join('\n');
}

const facts = (r: RunReport): string[][] => [
  ['run', `\`${r.run}\``],
  ['release', r.release],
  ['run hash', `\`${r.runHash.slice(0, 12)}\``],
  ['asked for by', `${r.requester}: ${r.reason}`],
  ['started', r.startedAt],
  ['closed', r.closedAt ?? 'still open'],
  ['platform touched', r.touched ? 'yes' : 'no'],
  ['traffic', r.traffic],
  ['outage', took(r.outageMs)],
  ['total', took(r.totalMs)],
];

const stepRow = (step: StepRecord): Cell[] => [
  `${step.direction === 'undo' ? 'undo of ' : ''}${step.step}${step.round > 1 ? ` (round ${step.round})` : ''}`,
  step.result?.verdict ?? 'under way',
  step.endedAt === undefined ? '' : took(Date.parse(step.endedAt) - Date.parse(step.beganAt)),
  [
    step.result?.reason ?? '',
    ...(step.result?.targets ?? []).filter(t => t.verdict !== 'passed').map(t => `${t.target}: ${t.note}`),
  ],
];

/** A run of an earlier version closed without one. */
const timelineFor = (r: Partial<Pick<RunReport, 'timeline'>>): RunReport['timeline'] => r.timeline ?? [];

const timelineCells = (row: TimelineRow): Cell[] => [
  `${row.part === undefined ? '' : '· '}${row.direction === 'undo' ? 'undo of ' : ''}${row.part ?? row.step}${row.round > 1 ? ` (round ${row.round})` : ''}`,
  `+${formatDuration(row.beganMs)}`,
  formatDuration(row.ms),
  row.shut ? 'shut' : 'open',
  row.slowest.map(({ target, ms }) => `${target} ${formatDuration(ms)}`).join(', '),
];

const took = (ms: number | undefined): string => (ms === undefined ? '' : formatDuration(ms));

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', `## ${title}`, '', ...lines];

/** One line, or several. */
type Cell = string | readonly string[];

function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly Cell[]): string =>
    `| ${cells.map(cell => [cell].flat().map(inCell).join('<br>')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)];
}

/** A sender's text must not be able to draw a cell, a line or markup of its own. */
const inCell = (text: string): string => plainText(text).replaceAll('|', '\\|');
