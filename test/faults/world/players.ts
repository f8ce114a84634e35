import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after } from 'node:test';
import { useTemporal } from '../../support/temporal.ts';
import type { StageOptions } from '../../workflows/shared-worker.ts';
import type { Played } from './play.ts';
import type { Answer, Order } from './player.ts';
import type { Script } from './script.ts';

/** One script, played to its end and held to the promises. @throws Error with the promises that were broken, or with what ended the player */
export type Play = (script: Script) => Promise<Played>;

const PLAYER = join(import.meta.dirname, 'player.ts');
const FLAGS = [
  '--import',
  join(import.meta.dirname, 'without-stacks.ts'),
  // Memory is plenty, in MB: what is old need not be looked through before there is so much of it.
  '--initial-old-space-size=1024',
];

/**
 * Plays in a process of its own. In the test file's Node's runner follows every promise from its making to its collection,
 * to know whose an error is that nobody caught: a sixth of the time of thousands of runs. Called at a file's top level,
 * where `after` is its end.
 */
export async function usePlayer(options: StageOptions): Promise<Play> {
  const { address } = await useTemporal();
  // What a test runner tells its children would make this one speak its protocol.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const player = fork(PLAYER, [address, JSON.stringify(options)], { env, execArgv: FLAGS });
  const over = once(player, 'exit');
  const awaited = new Map<number, PromiseWithResolvers<Played>>();
  let orders = 0;
  player.on('message', (answer: Answer) => {
    const { resolve, reject } = awaited.get(answer.id)!;
    awaited.delete(answer.id);
    if ('played' in answer) resolve(answer.played);
    else reject(new Error(answer.why));
  });
  player.on('exit', (code, signal) => {
    for (const { reject } of awaited.values()) reject(new Error(`the player ended: ${signal ?? `exit code ${code}`}`));
  });
  after(async () => {
    player.disconnect();
    await over;
  });
  return async script => {
    if (!player.connected) throw new Error('the player has ended');
    orders += 1;
    const order: Order = { id: orders, script };
    const answer = Promise.withResolvers<Played>();
    awaited.set(order.id, answer);
    player.send(order);
    return answer.promise;
  };
}
