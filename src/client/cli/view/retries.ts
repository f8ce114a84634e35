import type { PendingWork } from '../../sight.ts';
import { plain, wrap } from './paint.ts';
import type { Scene } from './screen.ts';
import { INDENT, named, type Sheet } from './sheet.ts';

/** Work that failed and is tried again, as when an engine does not answer: a step that does not move says why. */
export const failing = (pending: readonly PendingWork[]): readonly PendingWork[] =>
  pending.filter(({ attempt, lastFailure }) => attempt > 1 && lastFailure !== undefined);

export const retryLines = ({ trying = [] }: Scene, { paint, width }: Sheet): string[] =>
  trying
    .slice(0, 3)
    .flatMap(({ activity, attempt, lastFailure = '' }) =>
      named('again', wrap(plain(`${activity}, attempt ${attempt}: ${lastFailure}`), width - INDENT - 2)),
    )
    .map(line => paint('yellow', line));
