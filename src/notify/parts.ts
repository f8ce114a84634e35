import { formatDuration } from '../plan/duration.ts';
import type { Loss, OutlineChange } from '../plan/run-plan.ts';
import type { Direction, StepName, StepResult } from '../run/step.ts';
import type { Message } from './channel.ts';
import { countChanges, fit, noteLines, notShutLine, oneLine, type Standing, sumLosses } from './wording.ts';

/** What is said: the message without its address. */
export type Wording = Pick<Message, 'title' | 'text' | 'urgency'>;

/** What every message of a run is about. */
export interface About {
  readonly platform: string;
  readonly run: string;
  /** The run that holds the platform: another one's where Temporal reset this one. */
  readonly holder: string;
  readonly release: string;
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

export function wording(about: About, urgency: Message['urgency'], title: string, lines: readonly string[]): Wording {
  const named = title.startsWith('NOT SHUT') ? title : `${about.platform}: ${title}`;
  return { title: oneLine(named, 200), text: fit(lines), urgency };
}

/** A title whose first words are NOT SHUT when a gate is not. */
export const worstFirst = (about: About, { notShut }: Standing, title: string): string =>
  notShut.length === 0 ? title : `${notShutLine(notShut)} of ${about.platform}; ${title}`;

/** The first line, when a gate could not be shut. */
export const shutFirst = ({ notShut }: Standing): string[] =>
  notShut.length === 0
    ? []
    : [`${notShutLine(notShut)}: users may still reach the platform through it. Shut it by hand now.`];

export const failedLines = ({ step, direction, round, result }: Failed, hint = 'hint'): string[] => [
  `- failed: ${direction === 'undo' ? 'taking back ' : ''}${step}${round > 1 ? `, round ${round}` : ''}: ${result.verdict}`,
  `- found: ${oneLine(result.reason)}`,
  ...noteLines(result.targets),
  ...(result.next === undefined ? [] : [`- ${hint}: ${oneLine(result.next)}`]),
];

export const outlookLines = ({ hash, changes, losses, lossCeiling, forecast }: Outlook): string[] => [
  `- to do: ${countChanges(changes)}`,
  `- data: ${sumLosses(losses, lossCeiling)}`,
  `- forecast: ${formatDuration(forecast.outage)} of outage in ${formatDuration(forecast.total)} (${forecast.from})`,
  `- run hash: \`${hash.slice(0, 12)}\``,
];
