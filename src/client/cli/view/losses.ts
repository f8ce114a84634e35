import type { RunProgress } from '../../../run/progress.ts';
import { wrap } from './paint.ts';
import { INDENT, named, type Sheet } from './sheet.ts';

/** The rows that a restore gives up, with the arithmetic; nothing where all data is kept. */
export function lossLines(p: RunProgress, { paint, width }: Sheet): string[] {
  if (p.losses.length === 0) return [];
  const room = width - INDENT - 2;
  const lost = p.losses.reduce((sum, loss) => sum + loss.lost, 0);
  const ceiling = p.outline?.lossCeiling ?? 0;
  const fixed = p.frozenAt === undefined ? 'as of now' : 'fixed at the freeze';
  return [
    ...named('data lost', wrap(`${lost} rows, ${fixed}; at most ${ceiling} are accepted`, room)).map(line =>
      paint(lost > ceiling ? 'red' : lost > 0 ? 'yellow' : [], line),
    ),
    ...p.losses.flatMap(loss =>
      named(
        '',
        wrap(`${loss.store}: ${loss.rowsNow} - ${loss.rowsThen} = ${loss.lost}, since ${since(loss.since)}`, room),
      ),
    ),
  ];
}

/** `2026-11-21 09:03:44 UTC`. */
const since = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
