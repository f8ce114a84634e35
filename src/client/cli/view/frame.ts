import type { Out } from '../cli.ts';

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const TO_END = '\u001b[J';

/** Draws lines on a terminal, and draws them again in place. */
export class Frame {
  private readonly out: Out;
  private height = 0;
  private last = '';
  private readonly onResize = (): void => {
    // What was drawn may have been broken into more lines: the place is no longer known.
    this.out.write(`\u001b[2J\u001b[H`);
    this.height = 0;
    this.last = '';
  };

  constructor(out: Out) {
    this.out = out;
    out.write(HIDE_CURSOR);
    out.on('resize', this.onResize);
  }

  /** The terminal's lines, less the one that the cursor stands on. */
  get room(): number {
    return Math.max(8, (this.out.rows ?? 24) - 1);
  }

  draw(lines: readonly string[]): void {
    const text = lines.map(line => `\u001b[2K${line}\n`).join('');
    if (text === this.last) return;
    this.out.write(`${this.up()}${text}${TO_END}`);
    this.last = text;
    this.height = lines.length;
  }

  /** Ends the drawing. `keep`: what was drawn stays. */
  end(keep: boolean): void {
    this.out.off('resize', this.onResize);
    this.out.write(`${keep ? '' : `${this.up()}${TO_END}`}${SHOW_CURSOR}`);
    this.height = 0;
  }

  private up(): string {
    return this.height === 0 ? '' : `\u001b[${this.height}A\r`;
  }
}
