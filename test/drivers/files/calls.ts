import type { Call, Effect } from '../../../src/drivers/contract.ts';
import type { RunId } from '../../../src/plan/ids.ts';
import { never } from './trees.ts';

type Passing = <T>(effect: Effect<T>, number: number) => Promise<T>;

function callOf(run: string, pass: Passing): Call {
  let count = 0;
  return { run: run as RunId, signal: never, progress: () => {}, effect: effect => pass(effect, ++count) };
}

async function plainly<T>(effect: Effect<T>): Promise<T> {
  const found = await effect.isDone();
  if (found !== undefined) return found;
  await effect.act(never);
  const done = await effect.isDone();
  if (done === undefined) throw new Error(`${effect.name}: acted, and it reads back as not done`);
  return done;
}

export const plain = (run = 'run-1'): Call => callOf(run, plainly);

/** Every act takes hold and then reports failure: only the read-back tells. */
export const actsThenThrows = (run = 'run-1'): Call =>
  callOf(run, async effect => {
    const found = await effect.isDone();
    if (found !== undefined) return found;
    const failure = await effect.act(never).then(
      () => new Error('reported as failed'),
      error => error,
    );
    const done = await effect.isDone();
    if (done === undefined) throw failure;
    return done;
  });

export class Died extends Error {}

/** Dies at its `at`th effect, before the act or right after it. */
export const dies = (at: number, when: 'before' | 'after', run = 'run-1'): Call =>
  callOf(run, async (effect, number) => {
    if (number === at && when === 'before') throw new Died(effect.name);
    const result = await plainly(effect);
    if (number === at) throw new Died(effect.name);
    return result;
  });
