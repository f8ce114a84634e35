import { formatDuration } from '../plan/duration.ts';
import type { Phase } from '../plan/plan.ts';
import type { Loss, OutlineChange } from '../plan/run-plan.ts';
import type { Awaiting } from '../run/events.ts';
import type { Direction, StepName, StepResult } from '../run/step.ts';
import type { Message } from './channel.ts';
import {
  awaitedLines,
  bytesOf,
  commandLines,
  countChanges,
  fit,
  LARGEST_TEXT,
  noteLines,
  notShutLine,
  oneLine,
  platformStands,
  plural,
  type Standing,
  sumLosses,
  timeAgainst,
  trafficStands,
} from './wording.ts';

// The wording of every message. Pure: it also runs inside a workflow, so there is no clock here and nothing of Node.

/** What every message of a run is about. */
export interface About {
  readonly platform: string;
  readonly run: string;
  readonly release: string;
  /** The number of the run's event that is told: makes the message's id, the same however often it is sent. */
  readonly event: number;
}

/** A step that did not pass. */
export interface Failed {
  readonly step: StepName;
  readonly direction: Direction;
  readonly round: number;
  readonly result: StepResult;
}

/** What a run will do, as people weigh it. */
export interface Outlook {
  /** The run hash, whole. */
  readonly hash: string;
  readonly changes: readonly OutlineChange[];
  readonly losses: readonly Loss[];
  readonly lossCeiling: number;
  /** Milliseconds. */
  readonly forecast: { readonly outage: number; readonly total: number; readonly from: 'measured' | 'estimated' };
}

export interface Started extends Outlook {
  readonly requester: string;
  readonly reason: string;
  readonly severity: string;
  readonly mode: string;
}

export const runStarted = (about: About, facts: Started): Message =>
  message(about, 'started', 'info', `rollback to ${about.release} started by ${facts.requester}`, [
    `Rollback of ${about.platform} to ${about.release} started.`,
    `- why: ${oneLine(facts.reason)} (${facts.severity}, ${facts.mode}, requested by ${facts.requester})`,
    ...outlookLines(facts),
    '- platform: not changed',
    ...commandLines([`lastgood watch ${about.platform}`]),
  ]);

export const confirmationAwaited = (about: About, facts: Outlook & { readonly awaiting: Awaiting }): Message =>
  message(about, 'confirm', 'page', `rollback to ${about.release} waits for confirmation`, [
    `Rollback of ${about.platform} to ${about.release} is prepared and waits for confirmation.`,
    ...outlookLines(facts),
    '- platform: not changed',
    ...awaitedLines(facts.awaiting),
  ]);

export interface PastTarget {
  readonly phase: Phase | 'undo';
  /** What is under way: `tier 3 · streaming · 3 services`. */
  readonly part: string;
  /** Milliseconds. */
  readonly elapsed: number;
  readonly target: number;
  readonly max: number;
  readonly standing: Standing;
}

export const pastTarget = (about: About, { phase, part, elapsed, target, max, standing }: PastTarget): Message => {
  const over = `${phase} takes longer than planned: ${formatDuration(elapsed)} of ${formatDuration(target)}`;
  return message(about, `late-${phase}`, 'info', over, [
    ...shutFirst(standing),
    `The phase ${phase} of the rollback of ${about.platform} to ${about.release} takes longer than planned.`,
    `- time: ${timeAgainst(elapsed, target, max)}; then the step is cancelled and fails`,
    ...(part === '' ? [] : [`- under way: ${oneLine(part)}`]),
    `- platform: ${platformStands(standing, about.release)}`,
    ...commandLines([`lastgood status ${about.platform}`]),
  ]);
};

export interface Reverting {
  readonly failed: Failed;
  /** Why it reverts: the rule or the person. */
  readonly why: string;
  readonly standing: Standing;
}

export const failedAndReverting = (about: About, { failed, why, standing }: Reverting): Message =>
  message(
    about,
    'reverting',
    'page',
    worstFirst(about, standing, `${failed.step} ${failed.result.verdict}, reverting`),
    [
      ...shutFirst(standing),
      `The rollback of ${about.platform} to ${about.release} failed and is being undone.`,
      ...failedLines(failed),
      `- platform: ${platformStands(standing, about.release)}`,
      `- then: ${oneLine(why)}; it is put back as it was found just before the freeze`,
      '- awaited: nobody; if the undo fails too, the run is held and people are paged',
      ...commandLines([`lastgood watch ${about.platform}`]),
    ],
  );

export interface Held {
  readonly failed: Failed;
  readonly standing: Standing;
  readonly awaiting: Awaiting;
}

/** The first words are NOT SHUT and the gate, when one could not be shut. */
export const held = (about: About, { failed, standing, awaiting }: Held): Message =>
  message(about, 'held', 'page', worstFirst(about, standing, `held at ${failed.step}: a person must decide`), [
    ...shutFirst(standing),
    `The rollback of ${about.platform} to ${about.release} is held: it goes no further until a person decides.`,
    ...failedLines(failed),
    `- platform: ${platformStands(standing, about.release)}`,
    ...awaitedLines(awaiting),
  ]);

export interface Ended {
  /** Milliseconds from the first gate told to shut until traffic was seen open; absent when it was not shut, or still is. */
  readonly outage?: number;
  readonly total: number;
  /** Staged or set-aside objects that could not be removed. */
  readonly leftBehind: readonly string[];
}

export const reverted = (about: About, facts: Ended & { readonly why: string; readonly standing: Standing }): Message =>
  message(about, 'reverted', 'page', worstFirst(about, facts.standing, 'reverted: it is as it was found'), [
    ...shutFirst(facts.standing),
    `The rollback of ${about.platform} to ${about.release} was undone, and verified to be as found just before the freeze.`,
    `- why: ${oneLine(facts.why)}`,
    `- platform: as it was found; ${trafficStands(facts.standing)}`,
    ...endedLines(facts, facts.standing.traffic === 'shut'),
    ...(facts.standing.traffic === 'shut'
      ? ['- awaited: somebody who opens the gates: after-revert is stay-shut']
      : []),
    ...commandLines([`lastgood report ${about.platform} --run ${about.run}`, `lastgood plan ${about.platform}`]),
  ]);

export interface Completed extends Ended {
  readonly changes: readonly OutlineChange[];
  readonly losses: readonly Loss[];
  readonly lossCeiling: number;
  /** The release that holds what ran before. */
  readonly before: string;
  /** How long aftercare compares, milliseconds. */
  readonly aftercare: number;
}

export const completed = (about: About, facts: Completed): Message =>
  message(about, 'completed', 'info', `completed: it runs ${about.release}`, [
    `Every target of ${about.platform} is at ${about.release}, verified inside and at the front door.`,
    `- platform: changed: ${countChanges(facts.changes)}; traffic is open`,
    `- data: ${sumLosses(facts.losses, facts.lossCeiling)}`,
    ...endedLines(facts),
    `- awaited: nobody; for ${formatDuration(facts.aftercare)} it is compared with its baseline, and then what undo kept is dropped`,
    ...commandLines([
      `lastgood report ${about.platform} --run ${about.run}`,
      `lastgood plan ${about.platform} --release ${facts.before}`,
    ]),
  ]);

export const refused = (about: About, failed: Failed): Message =>
  message(about, 'refused', 'info', `refused at ${failed.step}: nothing was touched`, [
    `The rollback of ${about.platform} to ${about.release} was refused.`,
    '- platform: not changed',
    '- awaited: nobody; the run is closed',
    ...failedLines(failed, 'next'),
    ...(failed.result.next === undefined ? commandLines([`lastgood plan ${about.platform}`]) : []),
  ]);

/** @param facts who took over, and why */
export const handedOver = (about: About, facts: { by: string; reason: string; standing: Standing }): Message =>
  message(about, 'handed-over', 'page', worstFirst(about, facts.standing, `handed over to ${facts.by}`), [
    ...shutFirst(facts.standing),
    `The rollback of ${about.platform} to ${about.release} was handed over to ${facts.by}, and the run is closed as held.`,
    `- why: ${oneLine(facts.reason)}`,
    `- platform: ${platformStands(facts.standing, about.release)}`,
    `- awaited: ${facts.by}; lock and undo are kept, and no other run starts before they are taken over`,
    ...commandLines([`lastgood run ${about.platform} --take-over ${about.run}`]),
  ]);

export interface Escalation {
  readonly level: number;
  readonly levels: number;
  /** Milliseconds that this level has to acknowledge. */
  readonly within: number;
}

/** The same message for the next level of the ladder, saying what happens when this level is silent too. */
export function escalated(about: About, first: Message, { level, levels, within }: Escalation): Message {
  const silence = level < levels ? `level ${level + 1} is told` : 'level 1 is told again';
  const lines = [
    `- escalation: level ${level} of ${levels}; acknowledge within ${formatDuration(within)}, or ${silence}`,
    ...commandLines([`lastgood acknowledge ${about.platform}`]),
  ];
  const room = LARGEST_TEXT - bytesOf(lines.join('\n')) - 1;
  return {
    ...first,
    id: `${first.id}-level-${level}`,
    title: level === 1 ? first.title : `${first.title} (level ${level}, not acknowledged so far)`,
    text: [fit(first.text.split('\n'), room), ...lines].join('\n'),
    urgency: 'page',
  };
}

function message(about: About, what: string, urgency: Message['urgency'], title: string, lines: string[]): Message {
  const { platform, run, event } = about;
  const named = title.startsWith('NOT SHUT') ? title : `${platform}: ${title}`;
  return { id: `${run}-${event}-${what}`, title: oneLine(named, 200), text: fit(lines), platform, run, urgency };
}

const worstFirst = (about: About, { notShut }: Standing, title: string): string =>
  notShut.length === 0 ? title : `${notShutLine(notShut)} of ${about.platform}; ${title}`;

const shutFirst = ({ notShut }: Standing): string[] =>
  notShut.length === 0
    ? []
    : [`${notShutLine(notShut)}: users still reach the platform through it. Shut it by hand now.`];

const failedLines = ({ step, direction, round, result }: Failed, hint = 'hint'): string[] => [
  `- failed: ${direction === 'undo' ? 'taking back ' : ''}${step}${round > 1 ? `, round ${round}` : ''}: ${result.verdict}`,
  `- found: ${oneLine(result.reason)}`,
  ...noteLines(result.targets),
  ...(result.next === undefined ? [] : [`- ${hint}: ${oneLine(result.next)}`]),
];

const outlookLines = ({ hash, changes, losses, lossCeiling, forecast }: Outlook): string[] => [
  `- to do: ${countChanges(changes)}`,
  `- data: ${sumLosses(losses, lossCeiling)}`,
  `- forecast: ${formatDuration(forecast.outage)} of outage in ${formatDuration(forecast.total)} (${forecast.from})`,
  `- run hash: \`${hash.slice(0, 12)}\``,
];

const endedLines = ({ outage, total, leftBehind }: Ended, shut = false): string[] => [
  `- time: ${outageOf(outage, shut)} ${formatDuration(total)}`,
  ...(leftBehind.length === 0
    ? []
    : [`- left behind: ${plural(leftBehind.length, 'object')}: ${oneLine(leftBehind.join(', '))}`]),
];

function outageOf(outage: number | undefined, shut: boolean): string {
  if (shut) return 'traffic shut since the freeze, the run took';
  return outage === undefined ? 'no outage in' : `${formatDuration(outage)} of outage in`;
}
