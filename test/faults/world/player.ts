import { openStage, type StageOptions } from '../../workflows/shared-worker.ts';
import { type Played, play } from './play.ts';
import type { Script } from './script.ts';

// Plays scripts for a test file, many at once, in a process of its own: `player.ts <address> <options>`, see players.ts.
// Ends once it is no longer asked.

export interface Order {
  readonly id: number;
  readonly script: Script;
}
export type Answer = { readonly id: number } & ({ readonly played: Played } | { readonly why: string });

const [address, options] = process.argv.slice(2) as [string, string];
// From its start: whoever asks may be gone before there is a stage.
const left = new Promise(resolve => process.once('disconnect', resolve));
const stage = await openStage(address, JSON.parse(options) as StageOptions);

process.on('message', async ({ id, script }: Order) => {
  const answer = await play(stage, script).then(
    (played): Answer => ({ id, played }),
    (error: unknown): Answer => ({ id, why: error instanceof Error ? error.message : String(error) }),
  );
  // Nobody hears it any more when this fails.
  if (process.connected) process.send!(answer, undefined, {}, () => undefined);
});

await left;
// A life that ended in a script leaves activities that never end: the worker is not waited for longer than it is forced.
await stage.end();
process.exit();
