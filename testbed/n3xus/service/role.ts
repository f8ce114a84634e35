import type { Answer, Asked } from './http.ts';
import type { Metrics } from './metrics.ts';

/** What every role is given. */
export interface Surroundings {
  readonly service: string;
  readonly version: () => string;
  readonly faults: { has(fault: import('./faults.ts').Fault): boolean };
  readonly metrics: Metrics;
}

/** What one role adds to what every service answers. */
export interface RoleParts {
  /** `POST /auth/verify` -> its handler. */
  readonly routes: Readonly<Record<string, (asked: Asked) => Promise<Answer>>>;
  /** Joined into `/health`; a false `ok` makes that a 503. */
  health?(): Promise<{ readonly ok: boolean } & Record<string, unknown>>;
  /** On the way down, after the last answer. */
  close?(): Promise<void>;
}

export type MakeRole = (surroundings: Surroundings) => Promise<RoleParts>;

/** @throws Error when the environment lacks it */
export function getEnv(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`the environment lacks ${name}`);
  return value;
}
