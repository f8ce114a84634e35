import { formatDuration } from '../../../plan/duration.ts';
import type { RunProgress } from '../../../run/progress.ts';
import { clip, pad, padLeft, plain, type Style, widthOf } from './paint.ts';
import { releaseNow } from './release-now.ts';
import type { Scene } from './screen.ts';
import { badge, type Sheet } from './sheet.ts';

/** Platform, release now and to, state, and the whole time against its budget. */
export function headerLines({ progress, now }: Scene, sheet: Sheet): string[] {
  const { paint, width } = sheet;
  const { request, outline } = progress;
  const [word, style] = stateWord(progress);
  const to = outline?.release ?? request?.release ?? 'its last good release';
  const from = releaseNow(progress);
  const room = width - word.length - 6;
  const platform = clip(plain(request?.platform ?? 'a platform'), room - 8);
  const way = clip(from === '' ? `-> ${to}` : `${from} -> ${to}`, room - platform.length - 2);
  const left = `  ${paint('bold', platform)}  ${way}`;
  const first = `${left}${' '.repeat(Math.max(1, width - 2 - widthOf(left) - word.length - 2))}${badge(sheet, style, word)}`;

  const end = progress.closedAt === undefined ? now : Date.parse(progress.closedAt);
  const took = progress.startedAt === '' ? 0 : Math.max(0, end - Date.parse(progress.startedAt));
  const total = outline?.budgets.total;
  const time = `${formatDuration(took)}${total === undefined ? '' : ` of ${formatDuration(total.target)}, max ${formatDuration(total.max)}`}`;
  const who = [
    request === undefined ? '' : `${request.severity} ${request.mode}`,
    outline === undefined ? '' : `run hash ${outline.hash.slice(0, 12)}`,
    request === undefined ? '' : `by ${plain(request.requester)}`,
  ].filter(part => part !== '');
  const about = clip(who.join(' · '), width - 6 - time.length);
  const over = total !== undefined && took > total.target && progress.outcome === undefined;
  const second = `  ${paint('dim', pad(about, width - 4 - time.length))}${paint(over ? 'yellow' : 'dim', padLeft(time, time.length))}`;
  return [first, second, paint('dim', `  ${'─'.repeat(width - 4)}`)];
}

function stateWord(p: RunProgress): readonly [string, Style] {
  switch (p.outcome) {
    case 'completed':
      return ['COMPLETED', ['bgGreen', 'black']];
    case 'reverted':
      return ['REVERTED', ['bgYellow', 'black']];
    case 'refused':
      return ['REFUSED', ['bgYellow', 'black']];
    case 'held':
      return ['HELD, HANDED OVER', ['bgRed', 'white']];
    case undefined:
      break;
  }
  switch (p.state) {
    case 'held':
      return ['HELD', ['bgRed', 'white']];
    case 'paused':
      return ['PAUSED', ['bgYellow', 'black']];
    case 'waiting':
      return ['WAITING', ['bgYellow', 'black']];
    case 'reverting':
      return ['REVERTING', ['bgYellow', 'black']];
    default:
      return [p.phase.toUpperCase(), ['bgCyan', 'black']];
  }
}
