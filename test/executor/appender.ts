import { appendFile, open, readFile } from 'node:fs/promises';
import { createExecutor } from '../../src/executor/executor.ts';
import { openJournals } from '../../src/executor/journal.ts';
import { ownEngine } from '../../src/executor/ownership.ts';
import type { EngineId } from '../../src/plan/ids.ts';
import { createWorld, orderOf, PLATFORM } from './world.ts';

/**
 * A process for `sigkill.test.ts` to kill: `appender.ts <directory> <attempt> <effects> <engine>`. Its effects each
 * append their own line to `<directory>/effects`, which is its world. Says each number that is done, and ends with 0.
 */
const [directory, attempt, effects, engine] = process.argv.slice(2) as [string, string, string, EngineId];
const file = `${directory}/effects`;
const lines = async () => (await readFile(file, 'utf8')).split('\n');

await ownEngine(engine);
const world = createWorld();
world.id = engine;
const executor = createExecutor({ journals: openJournals({ directory: `${directory}/journals` }) });
const numbers = Array.from({ length: Number(effects) }, (_, number) => `effect-${number}`);
await Promise.all(
  ['a', 'b', 'c'].map(target =>
    executor.execute(
      world.engine,
      orderOf({ engine, fence: { turn: 1, attempt: Number(attempt) }, key: { target } }),
      async call => {
        for (const number of numbers) {
          const line = `${target} ${number}`;
          await call.effect({
            name: number,
            isDone: async () => ((await lines()).includes(line) ? true : undefined),
            act: async () => {
              const handle = await open(file, 'a');
              await handle.appendFile(`${line}\n`);
              await handle.close();
            },
          });
          process.stdout.write(`${line}\n`);
        }
      },
    ),
  ),
);
await appendFile(`${directory}/ended`, `${PLATFORM}\n`);
