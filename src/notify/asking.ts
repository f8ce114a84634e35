import { formatDuration } from '../plan/duration.ts';
import type { Budget, Phase } from '../plan/plan.ts';
import type { Awaiting } from '../run/events.ts';
import { type About, type Outlook, outlookLines, shutFirst, type Wording, wording, worstFirst } from './parts.ts';
import { awaitedLines, commandLines, oneLine, platformStands, type Standing } from './wording.ts';

export interface Started extends Outlook {
  readonly requester: string;
  readonly reason: string;
  readonly severity: string;
  readonly mode: string;
}

export const runStarted = (about: About, facts: Started): Wording =>
  wording(about, 'info', `rollback to ${about.release} started by ${facts.requester}`, [
    `Rollback of ${about.platform} to ${about.release} started.`,
    `- why: ${oneLine(facts.reason)} (${facts.severity}, ${facts.mode}, requested by ${facts.requester})`,
    ...outlookLines(facts),
    '- platform: not changed',
    ...commandLines([`lastgood watch ${about.platform}`]),
  ]);

export const confirmationAwaited = (about: About, facts: Outlook & { readonly awaiting: Awaiting }): Wording =>
  wording(about, 'page', `rollback to ${about.release} waits for confirmation`, [
    `Rollback of ${about.platform} to ${about.release} waits for confirmation. Meanwhile it is prepared beside what runs.`,
    ...outlookLines(facts),
    '- platform: not changed',
    ...awaitedLines(facts.awaiting),
  ]);

export interface PastTarget {
  readonly phase: Phase | 'undo';
  /** What is under way: `tier 3 · streaming · 3 services`. */
  readonly part: string;
  readonly budget: Budget | undefined;
  readonly standing: Standing;
}

/** Said just when the target has gone by. */
export const pastTarget = (about: About, { phase, part, budget, standing }: PastTarget): Wording =>
  wording(about, 'info', worstFirst(about, standing, `${phase} takes longer than planned`), [
    ...shutFirst(standing),
    `The phase ${phase} of the rollback of ${about.platform} to ${about.release} takes longer than planned.`,
    `- time: ${timeOf(budget)}: then the step is cancelled and fails`,
    ...(part === '' ? [] : [`- under way: ${oneLine(part)}`]),
    `- platform: ${platformStands(standing, about.release)}`,
    ...commandLines([`lastgood status ${about.platform}`]),
  ]);

/** Said when the whole run is past its target, and again when it is past its maximum. */
export const pastTotal = (about: About, time: string, standing: Standing): Wording =>
  wording(about, 'info', worstFirst(about, standing, 'the rollback takes longer than planned'), [
    ...shutFirst(standing),
    `The rollback of ${about.platform} to ${about.release} takes longer than planned, and goes on.`,
    `- time: ${oneLine(time)}`,
    `- platform: ${platformStands(standing, about.release)}`,
    ...commandLines([`lastgood status ${about.platform}`]),
  ]);

const timeOf = (budget: Budget | undefined): string =>
  budget === undefined
    ? 'past its target, and it goes on to its maximum'
    : `${formatDuration(budget.target)} planned and gone, ${formatDuration(budget.max)} at most`;
