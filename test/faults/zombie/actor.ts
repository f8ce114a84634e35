import { appendFile, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine, Owner } from '../../../src/drivers/contract.ts';
import { createExecutor } from '../../../src/executor/executor.ts';
import { openJournals } from '../../../src/executor/journal.ts';
import type { EngineId, PlatformName, RunId } from '../../../src/plan/ids.ts';

/**
 * A worker on a machine of its own, which no lock of another machine keeps out: `actor.ts <world> <run> <fence> [over]`.
 * The world is a directory: its claim is the file `claim`, what was done are the lines of `effects`. Its journals are its
 * own. Acts five times, says each before it acts, and waits there to be told to go on. Ends with what came of it.
 */
const [world, run, fence, over] = process.argv.slice(2) as [string, RunId, string, RunId | undefined];
const PLATFORM = 'n3xus' as PlatformName;
const ENGINE = 'engine-of-files' as EngineId;
const ACTS = 5;
const signal = new AbortController().signal;

const claimed = async (): Promise<Owner | undefined> =>
  readFile(join(world, 'claim'), 'utf8').then(
    text => JSON.parse(text) as Owner,
    () => undefined,
  );
const done = async (): Promise<readonly string[]> => (await readFile(join(world, 'effects'), 'utf8')).split('\n');
const engine: Engine = {
  identify: async () => ENGINE,
  findOwner: claimed,
  claim: async (owner, _look, from) => {
    const held = await claimed();
    if (held !== undefined && held.run !== owner.run && held.run !== from) throw new Error(`held by ${held.run}`);
    await writeFile(join(world, `claim.${run}`), JSON.stringify(owner));
    await rename(join(world, `claim.${run}`), join(world, 'claim'));
  },
  unclaim: async () => undefined,
};

const goOn = (): Promise<unknown> => new Promise(resolve => process.once('message', resolve));
const owner: Owner = { platform: PLATFORM, run, fence: Number(fence) };
const look = { signal, progress: (): void => undefined };
await engine.claim(owner, look, over);
const executor = createExecutor({ journals: openJournals({ directory: join(world, `journals-of-${run}`) }) });
const key = { run, step: 'stop-tiers', direction: 'forward', round: 1, target: 'ledger' } as const;
const order = { platform: PLATFORM, key, fence: { turn: 1, attempt: 1 }, engine: ENGINE, ...look };
const ended = await executor
  .execute(engine, order, async call => {
    for (let number = 1; number <= ACTS; number += 1) {
      const line = `${run} ${number}`;
      await call.effect({
        name: `act-${number}`,
        isDone: async () => {
          if ((await done()).includes(line)) return true;
          process.send?.({ before: number });
          await goOn();
          return undefined;
        },
        act: () => appendFile(join(world, 'effects'), `${line}\n`),
      });
    }
    return 'all done';
  })
  .catch((error: Error) => error.message);
process.send?.({ ended });
process.disconnect();
