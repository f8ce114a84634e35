import { formatDuration } from '../plan/duration.ts';
import { beforeRelease, type RunId } from '../plan/ids.ts';
import type { Loss, OutlineChange } from '../plan/run-plan.ts';
import { type About, type Failed, failedLines, shutFirst, type Wording, wording, worstFirst } from './parts.ts';
import {
  commandLines,
  countChanges,
  oneLine,
  platformStands,
  plural,
  type Standing,
  sumLosses,
  trafficStands,
} from './wording.ts';

export interface Ended {
  /** Milliseconds from the first gate told to shut until traffic was seen open; absent when it was not shut, or still is. */
  readonly outage?: number;
  readonly total: number;
  /** Staged or set-aside objects that could not be removed. */
  readonly leftBehind: readonly string[];
}

export const reverted = (about: About, facts: Ended & { readonly why: string; readonly standing: Standing }): Wording =>
  wording(about, 'page', worstFirst(about, facts.standing, 'reverted: it is as it was found'), [
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
  /** How long aftercare compares, milliseconds. */
  readonly aftercare: number;
}

export const completed = (about: About, facts: Completed): Wording =>
  wording(about, 'info', `completed: it runs ${about.release}`, [
    `Every target of ${about.platform} is at ${about.release}, verified inside and at the front door.`,
    `- platform: changed: ${countChanges(facts.changes)}; traffic is open`,
    `- data: ${sumLosses(facts.losses, facts.lossCeiling)}`,
    ...endedLines(facts),
    `- awaited: nobody; for ${formatDuration(facts.aftercare)} it is compared with its baseline, and then what undo kept is dropped`,
    ...commandLines([
      `lastgood report ${about.platform} --run ${about.run}`,
      `lastgood plan ${about.platform} --release ${beforeOf(about.run)}`,
    ]),
  ]);

/** A run that may change nothing there is a page: whoever has the platform may have left it half-way, with traffic shut. */
export const refused = (about: About, failed: Failed): Wording =>
  wording(about, failed.result.notOurs ? 'page' : 'info', refusedTitle(failed), [
    `The rollback of ${about.platform} to ${about.release} was refused.`,
    failed.result.notOurs
      ? '- platform: not changed by this run; it is another run’s, which may have left it half-way and its traffic shut'
      : '- platform: not changed',
    '- awaited: nobody; the run is closed',
    ...failedLines(failed, 'next'),
    ...(failed.result.next === undefined ? commandLines([`lastgood plan ${about.platform}`]) : []),
  ]);

const refusedTitle = ({ step, result }: Failed): string =>
  result.notOurs ? `refused at ${step}: the platform is another run's` : `refused at ${step}: nothing was touched`;

/** @param facts who took over, and why */
export const handedOver = (about: About, facts: { by: string; reason: string; standing: Standing }): Wording =>
  wording(about, 'page', worstFirst(about, facts.standing, `handed over to ${facts.by}`), [
    ...shutFirst(facts.standing),
    `The rollback of ${about.platform} to ${about.release} was handed over to ${facts.by}, and the run is closed as held.`,
    `- why: ${oneLine(facts.reason)}`,
    `- platform: ${platformStands(facts.standing, about.release)}`,
    `- awaited: ${facts.by}; lock and undo are kept, and no other run starts before they are taken over`,
    ...commandLines([`lastgood run ${about.platform} --take-over ${about.holder}`]),
  ]);

/** Aftercare's: the release answers, and worse than when it earned good. */
export const worse = (about: About, reason: string): Wording =>
  wording(about, 'page', 'worse than its baseline after the rollback', [
    `${about.platform} answers worse than when its release earned good.`,
    `- found: ${oneLine(reason)}`,
    '- platform: changed by the rollback; traffic is open; nothing is undone by itself',
    '- awaited: somebody who judges it; silence leaves the release in place',
    ...commandLines([`lastgood report ${about.platform} --run ${about.run}`]),
  ]);

/** Aftercare's: what undo kept could not be dropped. */
export const stillKept = (about: About, reason: string): Wording =>
  wording(about, 'info', 'what undo kept could not be dropped so far', [
    `The watch over ${about.platform} tries to drop what earlier rollbacks replaced, and cannot.`,
    `- found: ${oneLine(reason)}`,
    '- platform: not changed; old containers and data lie beside the live ones and take their room until then',
    '- awaited: somebody who mends what is found; the watch tries again by itself',
    ...commandLines([`lastgood status ${about.platform}`]),
  ]);

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

/** The release under which a run recorded what it found. */
export const beforeOf = (run: string): string => beforeRelease(run as RunId);
