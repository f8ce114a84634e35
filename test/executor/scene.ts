import type { TestContext } from 'node:test';
import type { Effect } from '../../src/drivers/contract.ts';
import type { Journal, Order } from '../../src/executor/contract.ts';
import { createExecutor } from '../../src/executor/executor.ts';
import { openJournals } from '../../src/executor/journal.ts';
import { openJournalFile } from '../../src/executor/journal-file.ts';
import { type Behaviour, beginLife, createWorld, each, PLATFORM, RUN, temporaryDirectory, thing } from './world.ts';

/** `beforeAppend` is told the bytes of each write, and holds it up for as long as it likes. */
export async function scene(t: TestContext, beforeAppend: (bytes: Buffer) => unknown = () => {}) {
  const directory = await temporaryDirectory(t);
  const world = createWorld();
  const life = beginLife();
  const journals = openJournals({
    directory,
    openFile: async path => {
      const file = await openJournalFile(path);
      return {
        ...file,
        append: async bytes => {
          await beforeAppend(Buffer.from(bytes));
          await file.append(bytes);
        },
      };
    },
  });
  const executor = createExecutor({ journals, answerWithin: 20 });
  return {
    world,
    executor,
    again: () => createExecutor({ journals: openJournals({ directory }), answerWithin: 20 }),
    journal: () => journals.open(PLATFORM, RUN),
    thing: (name: string, ...how: Behaviour[]) => thing(world, life, name, () => how.shift() ?? 'do'),
    run: (order: Order, ...effects: Effect<string>[]) => executor.execute(world.engine, order, each(effects)),
  };
}
export const told = (journal: Journal): string[] =>
  journal
    .entries()
    .map(({ fact }) => ('effect' in fact ? `${fact.type} ${fact.effect} ${fact.effectRound}` : fact.type))
    .filter(line => line !== 'order');
/** Resolves when `effect` is acting. */
export function watched<T>(effect: Effect<T>): { effect: Effect<T>; acting: Promise<void> } {
  const acting = Promise.withResolvers<void>();
  return {
    acting: acting.promise,
    effect: {
      ...effect,
      act: signal => {
        acting.resolve();
        return effect.act(signal);
      },
    },
  };
}
