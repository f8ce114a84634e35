import { formatDuration } from '../plan/duration.ts';
import type { Awaiting } from '../run/events.ts';
import { type About, type Failed, failedLines, shutFirst, type Wording, wording, worstFirst } from './parts.ts';
import {
  awaitedLines,
  bytesOf,
  commandLines,
  fit,
  LARGEST_TEXT,
  oneLine,
  platformStands,
  type Standing,
} from './wording.ts';

export interface Reverting {
  readonly failed: Failed;
  readonly standing: Standing;
}

export const failedAndReverting = (about: About, { failed, standing }: Reverting): Wording =>
  wording(about, 'page', worstFirst(about, standing, `${failed.step} ${failed.result.verdict}, reverting`), [
    ...shutFirst(standing),
    `The rollback of ${about.platform} to ${about.release} failed and is being undone.`,
    ...failedLines(failed),
    `- platform: ${platformStands(standing, about.release)}`,
    '- then: it is put back as it was found just before the freeze',
    '- awaited: nobody; if the undo fails too, the run is held and people are paged',
    ...commandLines([`lastgood watch ${about.platform}`]),
  ]);

export interface Held {
  readonly failed: Failed;
  readonly standing: Standing;
  readonly awaiting: Awaiting;
}

/** The first words are NOT SHUT and the gate, when one could not be shut. */
export const held = (about: About, { failed, standing, awaiting }: Held): Wording =>
  wording(about, 'page', worstFirst(about, standing, `held at ${failed.step}: a person must decide`), [
    ...shutFirst(standing),
    `The rollback of ${about.platform} to ${about.release} is held: it goes no further until a person decides.`,
    ...failedLines(failed),
    `- platform: ${platformStands(standing, about.release)}`,
    ...awaitedLines(awaiting),
  ]);

export interface Escalation {
  readonly level: number;
  readonly levels: number;
  /** Milliseconds that this level has to acknowledge. */
  readonly within: number;
}

/** The same message for one level of the ladder, saying what happens when this level is silent too. */
export function escalated(about: About, first: Wording, { level, levels, within }: Escalation): Wording {
  const silence = level < levels ? `level ${level + 1} is told` : 'this level is told again';
  const lines = [
    `- escalation: level ${level} of ${levels}; acknowledge within ${formatDuration(within)}, or ${silence}`,
    ...commandLines([`lastgood acknowledge ${about.platform}`]),
  ];
  const room = LARGEST_TEXT - bytesOf(lines.join('\n')) - 1;
  const title = level === 1 ? first.title : oneLine(`${first.title} (level ${level}: nobody answered so far)`, 200);
  return { title, text: [fit(first.text.split('\n'), room), ...lines].join('\n'), urgency: 'page' };
}
