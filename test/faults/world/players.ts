import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after } from 'node:test';
import { endingWithUs } from '../../../testbed/process/with-us.ts';
import { useTemporal } from '../../support/temporal.ts';
import type { StageOptions } from '../../workflows/shared-worker.ts';
import type { Played } from './play.ts';
import type { Answer, Order } from './player.ts';
import type { Script } from './script.ts';

/**
 * One script, played to its end and held to the promises.
 * @throws Error with the promises that were broken; PlayerEndedError
 */
export type Play = (script: Script) => Promise<Played>;

/** Nothing is known of the script: the process that played it is no more. */
export class PlayerEndedError extends Error {}

/** For the workers of a player that is told to end. */
const END_WITHIN_MS = 60_000;
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
  // Ends are run in the order in which they are registered: the player's before the server's.
  let end: (() => Promise<void>) | undefined;
  after(() => end?.());
  const { address } = await useTemporal();
  // What a test runner tells its children would make this one speak its protocol.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { command, args } = endingWithUs(process.execPath, [...FLAGS, PLAYER, address, JSON.stringify(options)]);
  const player = spawn(command, args, { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  let ended: string | undefined;
  const awaited = new Map<number, PromiseWithResolvers<Played>>();
  let orders = 0;
  player.on('message', (answer: Answer) => {
    const { resolve, reject } = awaited.get(answer.id)!;
    awaited.delete(answer.id);
    if ('played' in answer) resolve(answer.played);
    else reject(new Error(answer.why));
  });
  const over = once(player, 'exit').then(([code, signal]) => {
    ended = String(signal ?? `exit code ${code}`);
    for (const { reject } of awaited.values()) reject(new PlayerEndedError(`the player ended: ${ended}`));
  });
  end = async () => {
    if (ended === undefined) player.disconnect();
    const late = setTimeout(() => player.kill('SIGKILL'), END_WITHIN_MS);
    await over;
    clearTimeout(late);
    if (ended !== 'exit code 0') throw new PlayerEndedError(`the player ended: ${ended}`);
  };
  return async script => {
    if (ended !== undefined) throw new PlayerEndedError(`the player ended: ${ended}`);
    orders += 1;
    const order: Order = { id: orders, script };
    const answer = Promise.withResolvers<Played>();
    awaited.set(order.id, answer);
    // What cannot be sent is told by the player's end.
    player.send(order, () => undefined);
    return answer.promise;
  };
}
