import { formatDuration } from '../../../plan/duration.ts';
import type { Telling } from '../../../run/events.ts';
import { plain, wrap } from './paint.ts';
import type { Scene } from './screen.ts';
import { commands, INDENT, named, type Sheet } from './sheet.ts';

/** What is awaited from whom until when, what silence means, the commands that answer, and who was told. */
export function awaitingLines({ progress: p, now }: Scene, sheet: Sheet): string[] {
  const { paint, width } = sheet;
  const room = width - INDENT - 2;
  const held = p.state === 'held' ? named('told', wrap(toldSoFar(p.told), room)) : [];
  if (p.awaiting === undefined) return held;
  const { what, whom, until, silence, how } = p.awaiting;
  const left = until === undefined ? 0 : Date.parse(until) - now;
  const time =
    until === undefined
      ? 'without limit'
      : `${clock(until)} UTC, ${left > 0 ? `${formatDuration(left)} left` : 'that is now'}`;
  return [
    ...named('awaited', wrap(what, room)).map(line => paint('bold', line)),
    ...named('from', wrap(whom.length === 0 ? 'anybody who may' : whom.join(', '), room)),
    ...named('until', wrap(`${time}; ${silence}`, room)),
    ...held,
    ...commands('answer', how, sheet),
  ];
}

/** The newest telling of each level and channel; the top of the ladder is told again and again. */
function toldSoFar(told: readonly (Telling & { readonly at: string })[]): string {
  const held = told.filter(telling => telling.kind === 'held');
  const newest = new Map(held.map(telling => [`level ${telling.level} by ${telling.channel}`, telling]));
  if (newest.size === 0) return 'nobody yet';
  return [...newest]
    .map(
      ([whom, { delivered, at, why }]) => `${whom} at ${clock(at)}${delivered ? '' : ` NOT DELIVERED (${plain(why)})`}`,
    )
    .join('; ');
}

const clock = (iso: string): string => iso.slice(11, 19);
