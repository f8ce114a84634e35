/** Cells of the bar. */
export const BAR = 14;

/**
 * Time gone against a budget: the whole bar is the maximum, the tick is the target.
 * `███░░┃░░░░░░`; past the maximum it is full.
 */
export function drawBar(ms: number, target: number, max: number, cells = BAR): string {
  const top = Math.max(max, 1);
  const filled = Math.min(cells, ms <= 0 ? 0 : Math.max(1, Math.round((ms / top) * cells)));
  const tick = Math.min(cells - 1, Math.max(0, Math.round((target / top) * cells)));
  return Array.from({ length: cells }, (_, cell) => (cell === tick ? '┃' : cell < filled ? '█' : '░')).join('');
}
