import type { Call, Look } from '../../src/drivers/contract.ts';
import { DriverError } from '../../src/drivers/errors.ts';
import type { RunId } from '../../src/plan/ids.ts';

/** Runs effects as the contract says, without a journal: read back, act, read back. Remembers every act. */
export interface PlainCall extends Call {
  /** Names of the effects that acted, in order. */
  readonly acts: string[];
  /** What was reported as progress, in order. */
  readonly reports: string[];
}

export interface PlainCallOptions {
  readonly run?: RunId;
  readonly signal?: AbortSignal;
  /** Dies right after this act, counted from 1, before its read-back: as a worker that is killed. */
  readonly dieAfterAct?: number;
  /** Dies right before this act. */
  readonly dieBeforeAct?: number;
}

/** The worker is gone. */
export class Died extends Error {}

export const RUN = '0192f0c1-aaaa-7000-8000-00a1b2c3d4e5' as RunId;
export const OTHER_RUN = '0192f0c1-bbbb-7000-8000-00f6a7b8c9d0' as RunId;

export function plainCall(options: PlainCallOptions = {}): PlainCall {
  const signal = options.signal ?? new AbortController().signal;
  const acts: string[] = [];
  const reports: string[] = [];
  return {
    acts,
    reports,
    run: options.run ?? RUN,
    signal,
    progress: at => void reports.push(at.current),
    async effect(effect) {
      const found = await effect.isDone();
      if (found !== undefined) return found;
      signal.throwIfAborted();
      if (options.dieBeforeAct === acts.length + 1) throw new Died(`before ${effect.name}`);
      acts.push(effect.name);
      const failure = await effect.act(signal).then(
        () => undefined,
        error => ({ error }),
      );
      if (options.dieAfterAct === acts.length) throw new Died(`after ${effect.name}`);
      const done = await effect.isDone();
      if (done !== undefined) return done;
      throw failure?.error ?? new DriverError('unavailable', `${effect.name} reported success and is not done`);
    },
  };
}

export const plainLook = (): Look => plainCall();

/**
 * Runs a verb to its end and cuts it off at every place where a worker can die: before and after each act. Each time
 * `begin` makes the world anew, and the verb is tried again by a next attempt. Gives both attempts' acts to `judge`.
 */
export async function cutOffEverywhere<S>(
  begin: () => Promise<S>,
  verb: (scene: S, call: PlainCall) => Promise<unknown>,
  judge: (scene: S, acts: { readonly first: string[]; readonly second: string[] }, where: string) => Promise<void>,
): Promise<number> {
  const whole = plainCall();
  await verb(await begin(), whole);
  for (let act = 1; act <= whole.acts.length; act += 1) {
    for (const cut of [{ dieBeforeAct: act }, { dieAfterAct: act }]) {
      const scene = await begin();
      const first = plainCall(cut);
      await verb(scene, first).catch(error => {
        // A driver may have said where that was.
        if (!(error instanceof Died || error.cause instanceof Died)) throw error;
      });
      const second = plainCall();
      await verb(scene, second);
      const where = `${Object.keys(cut)[0]} ${act} (${whole.acts[act - 1]})`;
      await judge(scene, { first: first.acts, second: second.acts }, where);
    }
  }
  return whole.acts.length;
}
