import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Call } from '../../src/drivers/contract.ts';
import type { Executor } from '../../src/executor/contract.ts';
import { createExecutor } from '../../src/executor/executor.ts';
import { openJournals } from '../../src/executor/journal.ts';
import { type JournalFile, openJournalFile } from '../../src/executor/journal-file.ts';
import { checkPromises } from '../checker/promises.ts';
import { findRepeats } from './at-most-once.ts';
import {
  type Behaviour,
  beginLife,
  createWorld,
  each,
  type Life,
  NEVER,
  orderOf,
  PLATFORM,
  RUN,
  thing,
} from './world.ts';

const NAMES = ['set-policy', 'stop', 'rename', 'start'] as const;
interface Attempt {
  /** For each act in the order in which they come. */
  readonly acts: readonly Behaviour[];
  /** Vanishes after the attempt: an engine that restarted stopped it. */
  readonly vanishes: number;
  readonly parallel: boolean;
  /** The journal's write at which the process dies: before it, or once it is on disk. Counted from this attempt's start. */
  readonly diesAtWrite: number;
  readonly diesAfterWrite: boolean;
}
const attempts = fc.array(
  fc.record<Attempt>({
    acts: fc.array(
      fc.constantFrom<Behaviour[]>(
        'do',
        'do-then-throw',
        'throw',
        'lie',
        'hang',
        'do-then-hang',
        'die-before',
        'die-after',
      ),
      { maxLength: 5 },
    ),
    vanishes: fc.nat({ max: 12 }),
    parallel: fc.boolean(),
    diesAtWrite: fc.nat({ max: 20 }),
    diesAfterWrite: fc.boolean(),
  }),
  { maxLength: 7 },
);

type Make = (options: { directory: string; openFile: (path: string) => Promise<JournalFile> }) => Executor;
const real: Make = options => createExecutor({ journals: openJournals(options), answerWithin: 20 });

/** Runs the attempts one after the other, each in a process of its own if the one before died, then one that goes well. */
async function live(make: Make, planned: readonly Attempt[]): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'lastgood-death-'));
  try {
    const world = createWorld();
    let life = beginLife();
    let write = 0;
    let current: Attempt | undefined;
    const born = (mine: Life) => {
      life = mine;
      return make({ directory, openFile: path => mortalFile(path, mine, () => writeOf(current, ++write)) });
    };
    let executor = born(beginLife());
    for (const [number, attempt] of [...planned, undefined].entries()) {
      current = attempt;
      write = 0;
      const acts = [...(attempt?.acts ?? [])];
      const cancel = new AbortController();
      const mine = life;
      const effects = NAMES.map(name =>
        thing(world, mine, name, () => {
          const how = acts.shift() ?? 'do';
          if (how.endsWith('hang')) setImmediate(() => cancel.abort());
          return how;
        }),
      );
      const verb = attempt?.parallel
        ? (call: Call) => Promise.all(effects.map(effect => call.effect(effect)))
        : each(effects);
      const order = orderOf({ fence: { turn: 1, attempt: number + 1 }, signal: cancel.signal });
      const ended = Promise.race([executor.execute(world.engine, order, verb), mine.death]);
      if (attempt === undefined) await ended;
      else await ended.catch(() => {});
      if (mine.dead) executor = born(beginLife());
      const lost = NAMES[attempt?.vanishes ?? NAMES.length];
      if (lost !== undefined && (await isJournalled(directory, lost))) world.done.delete(lost);
    }
    const journal = await openJournals({ directory }).open(PLATFORM, RUN);
    const evidence = { journals: [{ platform: PLATFORM, run: RUN, entries: journal.entries() }] };
    const breaches =
      journal.entries().length === 0 ? [] : checkPromises(evidence, ['I4.journal', 'I4.fence', 'I5', 'I7.chain']);
    return [...findRepeats(world, NAMES, journal.entries()), ...breaches.map(({ what }) => what)];
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** What vanishes before its result was on record cannot be told from what never happened: it is acted again, in its round. */
async function isJournalled(directory: string, name: string): Promise<boolean> {
  const entries = (await openJournals({ directory }).open(PLATFORM, RUN)).entries();
  const last = entries.findLast(({ fact }) => 'effect' in fact && fact.effect === name);
  return last?.fact.type === 'done';
}

const writeOf = (attempt: Attempt | undefined, number: number): 'before' | 'after' | undefined => {
  if (attempt === undefined || attempt.diesAtWrite !== number) return undefined;
  return attempt.diesAfterWrite ? 'after' : 'before';
};

async function mortalFile(path: string, life: Life, dies: () => 'before' | 'after' | undefined): Promise<JournalFile> {
  const file = await openJournalFile(path);
  return {
    ...file,
    append: async bytes => {
      if (life.dead) return NEVER;
      const when = dies();
      if (when !== 'before') await file.append(bytes);
      if (when === undefined) return;
      life.die();
      return NEVER;
    },
  };
}

test('whatever fails, hangs, lies, vanishes or dies, each effect takes hold once an effect round, and none is missing', async () => {
  await fc.assert(
    fc.asyncProperty(attempts, async planned => assert.deepEqual(await live(real, planned), [])),
    { numRuns: 200 },
  );
});

test('the same runs catch an executor that acts without reading back', async () => {
  const careless: Make = () => ({
    execute: (_, order, verb) =>
      verb({
        run: order.key.run,
        signal: order.signal,
        progress: () => {},
        async effect(effect) {
          await effect.act(order.signal);
          const found = await effect.isDone();
          if (found === undefined) throw new Error('not done');
          return found;
        },
      }),
  });
  const outcome = await fc.check(
    fc.asyncProperty(attempts, async planned => assert.deepEqual(await live(careless, planned), [])),
    { numRuns: 200 },
  );
  assert.equal(outcome.failed, true);
});
