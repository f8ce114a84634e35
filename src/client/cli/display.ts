import type { RunProgress } from '../../run/progress.ts';
import type { PendingWork } from '../sight.ts';
import type { Cli } from './cli.ts';
import { Frame } from './view/frame.ts';
import { newsOf } from './view/news.ts';
import { plain } from './view/paint.ts';
import { failing } from './view/retries.ts';
import { drawScreen, type Silence } from './view/screen.ts';

const TICK_MS = 200;

/** Shows a run as it goes, on standard error: a picture drawn in place on a terminal, else a line for each thing that happened. */
export class Display {
  private readonly cli: Cli;
  private readonly frame: Frame | undefined;
  private readonly timer: NodeJS.Timeout | undefined;
  private progress: RunProgress | undefined;
  private away: Silence | undefined;
  private trying: readonly PendingWork[] = [];

  constructor(cli: Cli) {
    this.cli = cli;
    const { stderr } = cli.around;
    if (cli.quiet || stderr.isTTY !== true) return;
    this.frame = new Frame(stderr);
    this.timer = setInterval(() => this.draw(), TICK_MS);
  }

  /** @param pending absent: as it was last told */
  show(progress: RunProgress, pending?: readonly PendingWork[]): void {
    if (this.frame === undefined) for (const line of newsOf(this.progress, progress)) this.log(line);
    if (this.away !== undefined && this.frame === undefined) this.log('it answers again');
    this.progress = progress;
    this.away = undefined;
    if (pending !== undefined) this.tellFailing(failing(pending));
    this.draw();
  }

  /** In a log the first failure of each activity is a line; on a terminal the picture has them for as long as they last. */
  private tellFailing(trying: readonly PendingWork[]): void {
    for (const { activity, lastFailure } of trying)
      if (this.frame === undefined && !this.trying.some(known => known.activity === activity))
        this.log(plain(`${activity} is tried again: ${lastFailure}`));
    this.trying = trying;
  }

  /** The run's worker, or the server itself, does not answer; what the server knows of the work. */
  silent(away: Omit<Silence, 'since'>): void {
    if (this.away?.who !== away.who && this.frame === undefined) {
      const wait =
        away.who === 'worker'
          ? "the run's worker; the run waits for one: lastgood worker"
          : 'the Temporal server; it is asked again';
      this.log(`no answer from ${wait}`);
    }
    this.away = { ...away, since: this.away?.since ?? Date.now() };
    this.draw();
  }

  /** `keep`: the last picture stays on the terminal. */
  end(keep: boolean): void {
    clearInterval(this.timer);
    if (keep) this.draw();
    this.frame?.end(keep);
  }

  private draw(): void {
    if (this.frame === undefined) return;
    const { stderr } = this.cli.around;
    const paper = {
      width: this.cli.widthOf(stderr),
      height: this.frame.room,
      colour: this.cli.colourOn(stderr),
      leaving: true,
    };
    if (this.progress === undefined) {
      if (this.away !== undefined)
        this.frame.draw([
          `  waiting for ${this.away.who === 'worker' ? 'a worker to answer: lastgood worker' : 'the Temporal server to answer'}`,
        ]);
      return;
    }
    const scene = {
      progress: this.progress,
      now: Date.now(),
      trying: this.trying,
      ...(this.away === undefined ? {} : { silent: this.away }),
    };
    this.frame.draw(drawScreen(scene, paper));
  }

  private log(line: string): void {
    this.cli.say(`${new Date().toISOString().slice(11, 19)}  ${line}`);
  }
}
