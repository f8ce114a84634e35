import { formatDuration } from '../../../plan/duration.ts';
import type { SilentRun } from '../../sight.ts';
import { wrap } from './paint.ts';
import { badge, commands, INDENT, named, type Sheet } from './sheet.ts';
import { pendingLines } from './silence.ts';

/** An open run whose worker does not answer, as far as the server knows it. */
export function drawSilentRun({ found, pending }: SilentRun, now: number, sheet: Sheet): string[] {
  const room = sheet.width - INDENT - 2;
  const { known } = found;
  const phase = known['Phase'] ?? 'not known yet';
  const about = [known['Severity'], known['Mode'], known['Release'] === undefined ? '' : `to ${known['Release']}`];
  return [
    `  ${sheet.paint('bold', found.platform)}  ${about.filter(Boolean).join(' ')}  ${badge(sheet, ['bgYellow', 'black'], 'WORKER SILENT')}`,
    '',
    ...named('phase', [`${phase}, as the server last heard`]),
    ...named('open for', [formatDuration(now - found.startedAt.getTime())]),
    ...named('run', [found.run]),
    ...(pending.length === 0 ? named('pending', ['nothing is under way']) : pendingLines(pending, now, room)),
    '',
    ...named(
      '',
      wrap(
        'No worker answered within 3 s. The run is safe with the server, and goes on when one is back. What it does to traffic now is not known here.',
        room,
      ),
    ),
    ...commands('start one', ['lastgood worker'], sheet),
  ];
}
