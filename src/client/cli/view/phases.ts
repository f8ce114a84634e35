import { formatDuration } from '../../../plan/duration.ts';
import { drawBar } from './bar.ts';
import { clip, pad, padLeft, type Style, wrap } from './paint.ts';
import { type PhaseRow, phaseRows } from './phase-rows.ts';
import type { Scene } from './screen.ts';
import type { Sheet } from './sheet.ts';

const MARKS = {
  passed: '✓',
  failed: '✗',
  inconclusive: '?',
  foreign: '!',
  going: '…',
  coming: '·',
  never: ' ',
} as const;
const STYLES: Readonly<Record<PhaseRow['mark'], Style>> = {
  passed: 'green',
  failed: 'red',
  inconclusive: 'yellow',
  foreign: 'yellow',
  going: 'cyan',
  coming: 'dim',
  never: 'dim',
};

/** The phases in the runbook's order, then what is taken back: mark, time, bar against target and maximum. */
export function phaseLines(scene: Scene, sheet: Sheet): string[] {
  const rows = phaseRows(scene);
  const never = rows.filter(row => row.mark === 'never').map(row => row.name);
  const forward = rows.filter(row => row.mark !== 'never' && !row.undo).map(row => phaseLine(row, sheet));
  const back = rows.filter(row => row.undo).map(row => phaseLine(row, sheet));
  const words = wrap(`not reached: ${never.join(', ')}`, sheet.width - 6);
  const skipped = never.length === 0 ? [] : words.map(line => sheet.paint('dim', `    ${line}`));
  return [...forward, ...skipped, ...back];
}

function phaseLine(row: PhaseRow, { paint, width }: Sheet): string {
  const mark = paint(STYLES[row.mark], MARKS[row.mark]);
  const name = pad(row.name, 17);
  if (row.ms === undefined) return `  ${mark} ${paint('dim', row.name)}`;
  const time = padLeft(formatDuration(row.ms), 7);
  if (row.budget === undefined) {
    return `  ${mark} ${paint(row.mark === 'going' ? 'bold' : [], name)}${time}  ${clip(row.note, width - 32)}`.trimEnd();
  }
  const { target, max } = row.budget;
  const heat: Style = row.ms > max ? 'red' : row.ms > target ? 'yellow' : row.mark === 'going' ? 'cyan' : 'dim';
  const limits = `of ${formatDuration(target)}, max ${formatDuration(max)}`;
  const note = [row.ms > target ? 'past target' : '', row.note].filter(part => part !== '').join(', ');
  const tail = clip(note === '' ? limits : `${limits}  ${note}`, width - 46);
  return `  ${mark} ${paint(row.mark === 'going' ? 'bold' : [], name)}${time}  ${paint(heat, drawBar(row.ms, target, max))}  ${paint('dim', tail)}`;
}

/** The same on few lines, for a low terminal: what is done, the one under way, what comes. */
export function briefPhaseLines(scene: Scene, sheet: Sheet): string[] {
  const rows = phaseRows(scene);
  const names = (marks: readonly PhaseRow['mark'][]): string =>
    rows
      .filter(row => marks.includes(row.mark))
      .map(row => row.name)
      .join(' ');
  const line = (mark: string, style: Style, text: string): string[] =>
    text === '' ? [] : [`  ${sheet.paint(style, mark)} ${sheet.paint('dim', clip(text, sheet.width - 6))}`];
  const open = rows.filter(row => !['passed', 'coming', 'never'].includes(row.mark));
  return [
    ...line(MARKS.passed, 'green', names(['passed'])),
    ...open.map(row => phaseLine(row, sheet)),
    ...line(MARKS.coming, 'dim', names(['coming'])),
  ];
}
