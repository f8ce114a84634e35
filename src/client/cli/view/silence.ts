import { formatDuration } from '../../../plan/duration.ts';
import type { PendingWork } from '../../sight.ts';
import { plain, wrap } from './paint.ts';
import type { Scene } from './screen.ts';
import { commands, INDENT, named, type Sheet } from './sheet.ts';

/** Said while the run's worker is away: the picture above is old, and what the server knows of the work. */
export function silenceLines({ silent, now }: Scene, sheet: Sheet): string[] {
  const { paint, width } = sheet;
  if (silent === undefined) return [];
  const room = width - INDENT - 2;
  const since = formatDuration(Math.max(0, now - silent.since));
  if (silent.who === 'server') {
    const words = `from the Temporal server for ${since}; what is shown is older. It is asked again.`;
    return named('NO ANSWER', wrap(words, room)).map(line => paint('yellow', line));
  }
  const words = `from the run's worker for ${since}; what is shown is older. The run waits for a worker.`;
  return [
    ...named('NO ANSWER', wrap(words, room)).map(line => paint('yellow', line)),
    ...pendingLines(silent.pending, now, room),
    ...commands('start one', ['lastgood worker'], sheet),
  ];
}

export const pendingLines = (pending: readonly PendingWork[], now: number, room: number): string[] =>
  pending.slice(0, 3).flatMap(work => named('pending', wrap(pendingText(work, now), room)));

function pendingText(work: PendingWork, now: number): string {
  const beat =
    work.heartbeatAt === undefined
      ? 'no heartbeat yet'
      : `last heartbeat ${formatDuration(now - work.heartbeatAt)} ago${work.heartbeat === undefined ? '' : `: ${JSON.stringify(work.heartbeat)}`}`;
  const failure = work.lastFailure === undefined ? '' : `; last failure: ${plain(work.lastFailure)}`;
  return plain(`${work.activity}, ${work.state}, attempt ${work.attempt}, ${beat}${failure}`);
}
