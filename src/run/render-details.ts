import { formatDuration } from '../plan/duration.ts';
import type { Phase } from '../plan/plan.ts';
import { headOf, plainText } from './plain-text.ts';
import type { RunProgress, StepRecord } from './progress.ts';

/** Bytes. The Web UI carries this text in the address of a page: it must stay under 4 KB. */
const LONGEST = 3_800;

/** Markdown for the Temporal Web UI: phase, what is awaited, who may act and how, time against budget. */
export function renderDetails(p: RunProgress): string {
  const lines = [
    `### ${heading(p)}`,
    '',
    plainText(p.headline),
    '',
    row('traffic', p.traffic === 'not-shut' ? `**NOT SHUT: ${p.notShut.join(', ')}**` : p.traffic),
    row('release', p.outline?.release ?? p.request?.release ?? 'the last good one'),
    row('run hash', p.outline === undefined ? 'not known yet' : `\`${p.outline.hash.slice(0, 12)}\``),
    row('asked for by', plainText(`${p.request?.requester ?? ''}: ${p.request?.reason ?? ''}`)),
    ...(p.part === '' ? [] : [row('now', p.part)]),
    ...budgetLine(p),
    ...awaitingLines(p),
    '',
    ...stepLines(p.steps),
  ];
  const text = lines.join('\n');
  const head = headOf(text, LONGEST);
  return head === text ? text : `${head}\n…`;
}

/** The Web UI draws tables without room between their cells: each fact is a line of its own. */
const row = (name: string, value: string): string => `- **${name}** ${value}`;

const heading = (p: RunProgress): string => {
  if (p.outcome !== undefined) return p.outcome.toUpperCase();
  const where = p.direction === 'undo' ? `undo of ${p.step}` : `${p.phase} · ${p.step}`;
  return p.state === 'running' ? where : `${p.state.toUpperCase()} · ${where}`;
};

function budgetLine(p: RunProgress): string[] {
  const phase: Phase | 'undo' = p.direction === 'undo' ? 'undo' : p.phase;
  const budget = phase === 'confirm' ? undefined : p.outline?.budgets[phase];
  if (budget === undefined || p.outcome !== undefined) return [];
  const began = p.steps.at(-1)?.beganAt;
  return [
    row(
      'time',
      `since ${began?.slice(11, 19) ?? ''} UTC; target ${formatDuration(budget.target)}, at most ${formatDuration(budget.max)}`,
    ),
  ];
}

function awaitingLines(p: RunProgress): string[] {
  if (p.awaiting === undefined) return [];
  const { what, whom, until, silence, how } = p.awaiting;
  return [
    row('awaited', `**${what}**`),
    row('from', whom.join(', ')),
    row('until', `${until ?? 'without limit'}; ${silence}`),
    '',
    ...how.map(command => `    ${command}`),
  ];
}

const MARKS = { passed: '✓', failed: '✗', inconclusive: '?', foreign: '!' } as const;

const stepLines = (steps: readonly StepRecord[]): string[] =>
  steps.slice(-16).map(step => {
    const mark = step.result === undefined ? '…' : MARKS[step.result.verdict];
    const time =
      step.endedAt === undefined ? '' : ` ${formatDuration(Date.parse(step.endedAt) - Date.parse(step.beganAt))}`;
    return `- ${mark} ${step.direction === 'undo' ? 'undo ' : ''}${step.step}${time}${step.round > 1 ? ` (round ${step.round})` : ''}`;
  });
