import { formatDuration } from '../../../plan/duration.ts';
import type { RunProgress } from '../../../run/progress.ts';
import { clip, plain, type Style } from './paint.ts';
import type { Scene } from './screen.ts';
import { badge, type Sheet } from './sheet.ts';

/** The one line that everybody looks for: whether users reach the platform, and since when. */
export function trafficLines({ progress, now }: Scene, sheet: Sheet): string[] {
  const [word, style, about] = wordOf(progress, now);
  const text = `TRAFFIC ${word}`;
  return [`  ${badge(sheet, style, text)}  ${clip(about, sheet.width - text.length - 8)}`];
}

function wordOf(p: RunProgress, now: number): readonly [string, Style, string] {
  const end = p.thawedAt ?? p.closedAt;
  const outage = p.frozenAt === undefined ? 0 : (end === undefined ? now : Date.parse(end)) - Date.parse(p.frozenAt);
  const shutFor = formatDuration(Math.max(0, outage));
  switch (p.traffic) {
    case 'not-shut':
      return [
        'NOT SHUT',
        ['bgRed', 'white', 'bold'],
        `${plain(p.notShut.join(', ')) || 'a gate'}: users may still reach the platform`,
      ];
    case 'unknown':
      return ['UNKNOWN', ['bgYellow', 'black', 'bold'], 'a gate could not be observed'];
    case 'shut':
      return ['SHUT', ['bgYellow', 'black', 'bold'], `for ${shutFor}`];
    case 'open':
      if (p.frozenAt === undefined) return ['OPEN', ['bgGreen', 'black', 'bold'], 'nothing live was touched'];
      if (p.thawedAt === undefined) return ['OPEN', ['bgGreen', 'black', 'bold'], 'the gates are being shut'];
      return ['OPEN', ['bgGreen', 'black', 'bold'], `again, it was shut for ${shutFor}`];
  }
}
