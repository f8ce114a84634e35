import { formatDuration } from '../../../src/plan/duration.ts';
import type { Played } from './play.ts';
import { type Play, PlayerEndedError } from './players.ts';
import { inPool } from './pool.ts';
import { say } from './say.ts';
import type { At, Script } from './script.ts';

/** As many runs side by side as two cores bear: most of a run is waiting. Alone 40 would be the fastest, beside engines less is. */
export const SIDE_BY_SIDE_RUNS = Number(process.env['LASTGOOD_TEST_LANES'] ?? 28);

export interface Trial {
  readonly name: string;
  readonly script: Script;
  /** What of its script must come to pass for it to count as struck, as `saying` says it. Absent: any of it. */
  readonly befalls?: readonly string[];
  /** What of a run shows that it was struck, beside what was done to it. */
  readonly shows?: (played: Played) => boolean;
  /** The call that it is about, and what befalls it. */
  readonly at?: At;
  readonly fault?: string;
}

/** How a run ended, and in which words. */
export type Ended = Pick<Played['report'], 'outcome' | 'headline'>;

/** What came of many runs. */
export interface Tally {
  readonly runs: number;
  /** Runs in which what the trial wants of its script came to pass. */
  readonly struck: number;
  /** Names of the others, as far as they ended well. */
  readonly missed: readonly string[];
  /** How each run ended, by its name. */
  readonly ends: ReadonlyMap<string, Ended>;
  /** One line each: the run, what was broken, and its script. */
  readonly failures: readonly string[];
}

export interface PlayOptions {
  /** Hears of each that fails, and why. */
  failed?(trial: Trial, why: string): Promise<void>;
  readonly sideBySide?: number;
}

/** Plays each, side by side, and goes on when one fails. @throws PlayerEndedError: then no script is to blame */
export async function playAll(
  play: Play,
  trials: Iterable<Trial>,
  { failed = async () => undefined, sideBySide = SIDE_BY_SIDE_RUNS }: PlayOptions = {},
): Promise<Tally> {
  const ends = new Map<string, Ended>();
  let gone: PlayerEndedError | undefined;
  const failures: string[] = [];
  const missed: string[] = [];
  let runs = 0;
  let struck = 0;
  const began = Date.now();
  await inPool(sideBySide, trials, async trial => {
    if (gone !== undefined) return;
    runs += 1;
    if (runs % 100 === 0) say(`${runs} runs begun after ${formatDuration(Date.now() - began)}`);
    try {
      const played = await play(trial.script);
      const { outcome, headline } = played.report;
      ends.set(trial.name, { outcome, headline });
      if (cameToPass(trial, played)) struck += 1;
      else missed.push(trial.name);
    } catch (error) {
      if (error instanceof PlayerEndedError) {
        gone = error;
        return;
      }
      const why = error instanceof Error ? error.message : String(error);
      say(`failed: ${trial.name}: ${why.slice(0, 400)}`);
      failures.push(`${trial.name}: ${why}\n  script: ${JSON.stringify(trial.script)}`);
      await failed(trial, why);
    }
  });
  if (gone !== undefined) throw gone;
  return { runs, struck, missed, ends, failures };
}

function cameToPass({ befalls, shows }: Trial, played: Played): boolean {
  const { struck } = played;
  const befell = befalls === undefined ? struck.length > 0 : befalls.every(one => struck.includes(one));
  return befell && (shows?.(played) ?? true);
}

/** How often each outcome was come to. */
export function outcomesOf({ ends }: Pick<Tally, 'ends'>): Readonly<Record<string, number>> {
  const times: Record<string, number> = {};
  for (const { outcome } of ends.values()) times[outcome] = (times[outcome] ?? 0) + 1;
  return times;
}

export const told = (tally: Tally): string =>
  `${tally.runs} runs, struck in ${tally.struck}; ${Object.entries(outcomesOf(tally))
    .sort()
    .map(([outcome, times]) => `${times} ${outcome}`)
    .join(', ')}; ${tally.failures.length} failed`;
