import type { Readable, Writable } from 'node:stream';
import { styleText } from 'node:util';

/** A stream that may be a terminal. */
export type Out = Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };
export type In = Readable & { readonly isTTY?: boolean };

/** What surrounds one call of the command line: its streams, its environment, and how it is interrupted. */
export interface Surroundings {
  readonly stdin: In;
  /** Results alone. */
  readonly stdout: Out;
  /** Progress, questions, errors as text. */
  readonly stderr: Out;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface GlobalOptions {
  readonly output: 'text' | 'json';
  readonly color: boolean;
  readonly quiet?: boolean;
}

/** One call, its global options known. */
export class Cli {
  readonly around: Surroundings;
  readonly json: boolean;
  readonly quiet: boolean;
  private readonly colourWanted: boolean;

  constructor(around: Surroundings, options: GlobalOptions) {
    this.around = around;
    this.json = options.output === 'json';
    this.quiet = options.quiet === true;
    this.colourWanted = options.color;
  }

  /** The result, on standard output: one JSON document, or lines. */
  result(document: object, lines: readonly string[]): void {
    const { stdout } = this.around;
    if (this.json) stdout.write(`${JSON.stringify({ schemaVersion: 1, ...document }, undefined, 2)}\n`);
    else if (lines.length > 0) stdout.write(`${lines.join('\n')}\n`);
  }

  /** What is going on, on standard error. */
  say(line: string): void {
    if (!this.quiet) this.around.stderr.write(`${line}\n`);
  }

  /** Whether colours are wanted and the stream takes them: NO_COLOR, FORCE_COLOR, TERM and pipes are obeyed. */
  colourOn(stream: Out): boolean {
    return this.colourWanted && styleText('red', 'x', { stream }) !== 'x';
  }

  widthOf(stream: Out): number {
    return Math.max(60, Math.min(stream.columns ?? 80, 120));
  }

  /** Somebody can be asked. */
  get attended(): boolean {
    return this.around.stdin.isTTY === true && this.around.stderr.isTTY === true;
  }
}
