import type { LogLevel as TemporalLevel, Logger as TemporalLogger } from '@temporalio/common';
import { type DestinationStream, destination, type Logger, pino } from 'pino';
import type { LogLevel } from './environment.ts';
import { scrubDeep } from './scrubber.ts';

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly scrub: (text: string) => string;
  /** Absent: standard error, so that what a command prints can be piped. */
  readonly into?: DestinationStream;
}

/** Fields that are never written, whoever logs them: what a release holds, and how one logs in. */
const SECRET_FIELDS = ['password', 'secret', 'token', 'authorization', 'bearer', 'apiKey', 'body', 'env', 'Env'];

/** The root of every log. Lines are JSON, and cleared of every secret that was resolved so far. */
export function createLogger({ level, scrub, into }: LoggerOptions): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: {
      paths: SECRET_FIELDS.flatMap(field => [field, `*.${field}`, `*.*.${field}`]),
      censor: '[secret]',
    },
    hooks: {
      // Scrubbing the line as text could cut into its numbers and quotes, so it only tells whether there is need.
      streamWrite: (line: string) =>
        scrub(line) === line ? line : `${JSON.stringify(scrubDeep(JSON.parse(line), scrub))}\n`,
    },
  };
  return pino(options, into ?? destination({ fd: 2, sync: true }));
}

const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** Temporal's own log lines, as lines of ours: give it to `Runtime.install`. */
export function bridgeToTemporal(log: Logger): TemporalLogger {
  const write = (level: TemporalLevel, message: string, meta: Record<string | symbol, unknown> = {}): void => {
    const { error, ...fields } = meta;
    log[LEVELS[level]](error === undefined ? fields : { ...fields, err: error }, message);
  };
  return {
    log: write,
    trace: (message, meta) => write('TRACE', message, meta),
    debug: (message, meta) => write('DEBUG', message, meta),
    info: (message, meta) => write('INFO', message, meta),
    warn: (message, meta) => write('WARN', message, meta),
    error: (message, meta) => write('ERROR', message, meta),
  };
}
