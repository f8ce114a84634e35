import type { RunProgress } from '../../../run/progress.ts';
import { reportOf } from '../../../run/report.ts';
import type { PendingWork } from '../../sight.ts';
import { awaitingLines } from './awaiting.ts';
import { endingLines } from './ending.ts';
import { headerLines } from './header.ts';
import { lossLines } from './losses.ts';
import { nowLines } from './now.ts';
import { painter } from './paint.ts';
import { briefPhaseLines, phaseLines } from './phases.ts';
import { retryLines } from './retries.ts';
import { silenceLines } from './silence.ts';
import { trafficLines } from './traffic.ts';

/** All that one picture of a run is made of. */
export interface Scene {
  readonly progress: RunProgress;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Set while nobody answers. */
  readonly silent?: Silence;
  /** What failed and is tried again now. */
  readonly trying?: readonly PendingWork[];
}
/** Who does not answer, since when (milliseconds since the epoch), and what the server knows of the work. */
export interface Silence {
  readonly who: 'worker' | 'server';
  readonly since: number;
  readonly pending: readonly PendingWork[];
}
export interface Paper {
  readonly width: number;
  /** Absent: as many lines as it takes. */
  readonly height?: number;
  readonly colour: boolean;
  /** Whether to say how to leave. */
  readonly leaving?: boolean;
}

/** The narrowest paper that is still written on in full. */
const NARROWEST = 60;

/** Pure: a run as lines, none wider than the paper. The last screen of a closed run is its ending. */
export function drawScreen(scene: Scene, paper: Paper): string[] {
  const { progress } = scene;
  const sheet = { paint: painter(paper.colour), width: Math.max(NARROWEST, paper.width) };
  const top = [...headerLines(scene, sheet), ...trafficLines(scene, sheet)];
  const middle =
    progress.outcome === undefined
      ? [
          ...spaced([...nowLines(scene, sheet), ...retryLines(scene, sheet)]),
          ...spaced(silenceLines(scene, sheet)),
          ...spaced(awaitingLines(scene, sheet)),
          ...spaced(lossLines(progress, sheet)),
        ]
      : [...spaced(lossLines(progress, sheet)), ...spaced(endingLines(progress, reportOf(progress), sheet))];
  const leave =
    paper.leaving === true && progress.outcome === undefined
      ? [
          '',
          sheet.paint(
            'dim',
            `  Ctrl-C leaves, the run goes on. Come back: lastgood watch ${progress.request?.platform ?? ''}`,
          ),
        ]
      : [];
  const full = [...top, '', ...phaseLines(scene, sheet), ...middle, ...leave];
  if (paper.height === undefined || full.length <= paper.height) return full;
  const brief = [...top, ...briefPhaseLines(scene, sheet), ...middle, ...leave].filter(line => line !== '');
  return brief.length <= paper.height ? brief : [...brief.slice(0, paper.height - 1), '  …'];
}

const spaced = (lines: readonly string[]): string[] => (lines.length === 0 ? [] : ['', ...lines]);
