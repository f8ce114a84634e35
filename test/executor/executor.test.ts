import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Call, Effect } from '../../src/drivers/contract.ts';
import type { Journal, Order } from '../../src/executor/contract.ts';
import { createExecutor } from '../../src/executor/executor.ts';
import { openJournals } from '../../src/executor/journal.ts';
import { openJournalFile } from '../../src/executor/journal-file.ts';
import type { EngineId } from '../../src/plan/ids.ts';
import {
  type Behaviour,
  beginLife,
  createWorld,
  each,
  OTHER_RUN,
  orderOf,
  PLATFORM,
  RUN,
  temporaryDirectory,
  thing,
} from './world.ts';

/** `beforeAppend` is told the bytes of each write, and holds it up for as long as it likes. */
async function scene(t: TestContext, beforeAppend: (bytes: Buffer) => unknown = () => {}) {
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
  const executor = createExecutor({ journals });
  return {
    world,
    executor,
    again: () => createExecutor({ journals: openJournals({ directory }) }),
    journal: () => journals.open(PLATFORM, RUN),
    thing: (name: string, ...how: Behaviour[]) => thing(world, life, name, () => how.shift() ?? 'do'),
    run: (order: Order, ...effects: Effect<string>[]) => executor.execute(world.engine, order, each(effects)),
  };
}
const told = (journal: Journal): string[] =>
  journal
    .entries()
    .map(({ fact }) => ('effect' in fact ? `${fact.type} ${fact.effect} ${fact.effectRound}` : fact.type))
    .filter(line => line !== 'order');
/** Resolves when `effect` is acting. */
function watched<T>(effect: Effect<T>): { effect: Effect<T>; acting: Promise<void> } {
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

test('an effect is intended, done, read back and journalled, and asked again does nothing', async t => {
  const { run, thing, world, journal } = await scene(t);
  assert.deepEqual(await run(orderOf(), thing('stop')), ['stop']);
  assert.deepEqual(await run(orderOf(), thing('stop')), ['stop']);
  assert.equal(world.heldTimes.get('stop'), 1);
  assert.deepEqual(told(await journal()), ['intent stop 1', 'done stop 1']);
});

test('what stands already is success without an act', async t => {
  const { run, thing, world, journal } = await scene(t);
  world.done.add('stop');
  await run(orderOf(), thing('stop'));
  assert.equal(world.heldTimes.get('stop'), undefined);
  assert.deepEqual(told(await journal()), ['done stop 1']);
});

test('an act that reported failure and is done is done', async t => {
  const { run, thing, journal } = await scene(t);
  await run(orderOf(), thing('stop', 'do-then-throw'));
  const last = (await journal()).entries().at(-1)?.fact;
  assert.deepEqual(last?.type === 'done' && last.by, 'reported-failed');
});

test('an act that failed is journalled, what it threw is thrown, and the next attempt acts in the same round', async t => {
  const { run, thing, journal } = await scene(t);
  await assert.rejects(run(orderOf(), thing('stop', 'throw')), { message: 'stop: told to fail' });
  await run(orderOf({ fence: { turn: 1, attempt: 2 } }), thing('stop'));
  assert.deepEqual(told(await journal()), ['intent stop 1', 'failed stop 1', 'intent stop 1', 'done stop 1']);
});

test('an act that reported success and is not done fails as unavailable', async t => {
  const { run, thing } = await scene(t);
  await assert.rejects(run(orderOf(), thing('stop', 'lie')), {
    kind: 'unavailable',
    message: /reported success, not found done/,
  });
});

test('an act that cannot be read back has no result, and the next attempt reads it back before it acts', async t => {
  const { run, thing, world, journal } = await scene(t);
  const stop = thing('stop');
  let looks = 0;
  const blind: Effect<string> = {
    ...stop,
    isDone: async () => {
      looks += 1;
      if (looks === 2) throw new Error('connection reset');
      return stop.isDone();
    },
  };
  await assert.rejects(run(orderOf(), blind), { kind: 'unavailable', message: /cannot be read back/ });
  await run(orderOf({ fence: { turn: 1, attempt: 2 } }), blind);
  assert.equal(world.heldTimes.get('stop'), 1);
  assert.deepEqual(told(await journal()), ['intent stop 1', 'done stop 1']);
});

test('a journalled result that is gone begins a new effect round with its evidence', async t => {
  const { run, thing, world, journal } = await scene(t);
  await run(orderOf(), thing('start'));
  world.done.delete('start');
  await run(orderOf(), thing('start'));
  assert.equal(world.heldTimes.get('start'), 2);
  assert.deepEqual(told(await journal()), [
    'intent start 1',
    'done start 1',
    'gone start 1',
    'intent start 2',
    'done start 2',
  ]);
});

test('another round, direction or target, and another run that is taken over, are other effects', async t => {
  const { run, thing, world, journal } = await scene(t);
  const orders = [
    orderOf(),
    orderOf({ key: { round: 2 } }),
    orderOf({ key: { direction: 'undo' } }),
    orderOf({ key: { target: 'wallet' } }),
    orderOf({ onBehalfOf: OTHER_RUN }),
  ];
  for (const order of orders) {
    world.done.clear();
    await run(order, thing('stop'));
  }
  assert.equal(world.heldTimes.get('stop'), orders.length);
  assert.ok(!told(await journal()).some(line => line.startsWith('gone')));
});

test('the verb of a take-over is told the run whose objects it touches', async t => {
  const { executor, world } = await scene(t);
  const seen = await executor.execute(world.engine, orderOf({ onBehalfOf: OTHER_RUN }), async call => call.run);
  assert.equal(seen, OTHER_RUN);
});

test('another engine, another owner and no owner are refused before anything is touched', async t => {
  const { run, thing, world } = await scene(t);
  world.id = 'ENGINE-2' as EngineId;
  await assert.rejects(run(orderOf(), thing('stop')), {
    kind: 'conflict',
    message: /ENGINE-1 expected.*ENGINE-2 found/,
  });
  world.id = 'ENGINE-1' as EngineId;
  world.owner = { platform: PLATFORM, run: OTHER_RUN, fence: 2 };
  await assert.rejects(run(orderOf(), thing('stop')), { kind: 'conflict', message: /claim held by run 0198.*02/ });
  world.owner = undefined;
  await assert.rejects(run(orderOf(), thing('stop')), { kind: 'conflict', message: /no claim/ });
  assert.equal(world.heldTimes.size, 0);
});

test('an older fence is refused and journalled, whatever its key, and after a restart too', async t => {
  const { run, thing, world, again, journal } = await scene(t);
  await run(orderOf({ fence: { turn: 3, attempt: 1 } }), thing('stop'));
  for (const fence of [
    { turn: 2, attempt: 9 },
    { turn: 1, attempt: 1 },
  ]) {
    await assert.rejects(run(orderOf({ fence, key: { target: 'wallet' } }), thing('late')), { kind: 'conflict' });
  }
  assert.deepEqual(told(await journal()).slice(-2), ['refused', 'refused']);
  const restarted = again();
  const late = orderOf({ fence: { turn: 2, attempt: 1 }, key: { target: 'wallet' } });
  await assert.rejects(restarted.execute(world.engine, late, each([thing('late')])), { kind: 'conflict' });
  assert.equal(world.heldTimes.get('late'), undefined);
});

test('a zombie that woke up after a newer order does not act', async t => {
  const { run, thing, world, executor, journal } = await scene(t);
  const asleep = Promise.withResolvers<void>();
  const working = Promise.withResolvers<void>();
  const zombie = executor.execute(world.engine, orderOf(), async call => {
    await call.effect(thing('first'));
    working.resolve();
    await asleep.promise;
    return call.effect(thing('late'));
  });
  const refused = assert.rejects(zombie, {
    kind: 'conflict',
    message: /turn 1 attempt 1 is older than turn 2 attempt 1/,
  });
  await working.promise;
  await run(orderOf({ fence: { turn: 2, attempt: 1 }, key: { direction: 'undo' } }), thing('undo'));
  asleep.resolve();
  await refused;
  assert.equal(world.heldTimes.get('late'), undefined);
  assert.equal((await journal()).entries().at(-1)?.fact.type, 'refused');
});

test('a fence that is overtaken while its intent is written does not act', async t => {
  const held = Promise.withResolvers<void>();
  const writing = Promise.withResolvers<void>();
  const { run, thing, world, journal } = await scene(t, async bytes => {
    if (!bytes.toString().includes('"type":"intent"')) return;
    writing.resolve();
    await held.promise;
  });
  const overtaken = assert.rejects(run(orderOf(), thing('late')), { kind: 'conflict' });
  await writing.promise;
  const newer = run(orderOf({ fence: { turn: 2, attempt: 1 }, key: { direction: 'undo' } }));
  while (world.asked.identify < 2) await new Promise(resolve => setImmediate(resolve));
  held.resolve();
  await Promise.all([overtaken, newer]);
  assert.equal(world.heldTimes.get('late'), undefined);
  assert.deepEqual(told(await journal()), ['intent late 1', 'refused']);
});

test('a newer order waits until the act of an older one has settled, and cuts it off', async t => {
  const { run, thing, world, journal } = await scene(t);
  const { effect, acting } = watched(thing('stop', 'do-then-hang'));
  const older = assert.rejects(run(orderOf(), effect), { kind: 'conflict' });
  await acting;
  await run(orderOf({ fence: { turn: 2, attempt: 1 }, key: { direction: 'undo' } }), thing('start'));
  await older;
  assert.equal(world.heldTimes.get('stop'), 1);
  const lines = told(await journal());
  assert.ok(lines.indexOf('done stop 1') < lines.indexOf('intent start 1'));
});

test('the verb of a run that lost its claim does nothing more once the new owner has begun', async t => {
  const { run, thing, world, executor } = await scene(t);
  const asleep = Promise.withResolvers<void>();
  const working = Promise.withResolvers<void>();
  const older = executor.execute(world.engine, orderOf({ fence: { turn: 9, attempt: 1 } }), async call => {
    working.resolve();
    await asleep.promise;
    return call.effect(thing('late'));
  });
  const refused = assert.rejects(older, { kind: 'conflict', message: /claim held by/ });
  await working.promise;
  world.owner = { platform: PLATFORM, run: OTHER_RUN, fence: 2 };
  await run(orderOf({ key: { run: OTHER_RUN } }), thing('take-over'));
  asleep.resolve();
  await refused;
  assert.equal(world.heldTimes.get('late'), undefined);
});

test('after cancellation nothing more changes; an act in flight is awaited, read back and journalled first', async t => {
  for (const [how, last] of [
    ['hang', 'failed stop 1'],
    ['do-then-hang', 'done stop 1'],
  ] as const) {
    const { run, thing, world, journal } = await scene(t);
    const cancel = new AbortController();
    const reason = new Error('cancelled');
    const { effect, acting } = watched(thing('stop', how));
    const cancelled = assert.rejects(
      run(orderOf({ signal: cancel.signal }), effect, thing('next')),
      error => error === reason,
    );
    await acting;
    cancel.abort(reason);
    await cancelled;
    assert.equal(told(await journal()).at(-1), last);
    assert.equal(world.heldTimes.get('next'), undefined);
    await assert.rejects(run(orderOf({ signal: cancel.signal }), thing('next')), error => error === reason);
  }
});

test('the look of a cancelled verb goes on until its act was read back', async t => {
  const { executor, world, thing, journal } = await scene(t);
  const cancel = new AbortController();
  const { effect, acting } = watched(thing('stop', 'do-then-hang'));
  const cancelled = executor.execute(world.engine, orderOf({ signal: cancel.signal }), async (call: Call) =>
    call.effect({
      ...effect,
      isDone: async () => {
        call.signal.throwIfAborted();
        return effect.isDone();
      },
    }),
  );
  const rejected = assert.rejects(cancelled, { name: 'AbortError' });
  await acting;
  cancel.abort();
  await rejected;
  assert.equal(told(await journal()).at(-1), 'done stop 1');
});

test('two verbs for the same key and effect at once act once', async t => {
  const { run, thing, world } = await scene(t);
  await Promise.all([run(orderOf(), thing('stop')), run(orderOf(), thing('stop')), run(orderOf(), thing('stop'))]);
  assert.equal(world.heldTimes.get('stop'), 1);
});

test('26 verbs at once ask the engine once each who it is and whose the platform is, and share their flushes', async t => {
  let flushes = 0;
  const { run, thing, world, journal } = await scene(t, () => {
    flushes += 1;
  });
  const all = Array.from({ length: 26 }, (_, n) =>
    run(orderOf({ key: { target: `service-${n}` } }), thing(`stop-${n}`)),
  );
  await Promise.all(all);
  assert.deepEqual(world.asked, { identify: 1, findOwner: 1 });
  assert.equal((await journal()).entries().length, 3 * 26);
  assert.ok(flushes <= 9, `${flushes} flushes for 26 orders, intents and results`);
});

test('an attempt is not over before every act of its verb is', async t => {
  const { executor, world, thing, journal } = await scene(t);
  const slow = Promise.withResolvers<void>();
  const { effect, acting } = watched({
    ...thing('slow'),
    act: async () => {
      await slow.promise;
      world.done.add('slow');
    },
  });
  const both = executor.execute(world.engine, orderOf(), call =>
    Promise.all([call.effect(effect), acting.then(() => call.effect(thing('fast', 'throw')))]),
  );
  let over = false;
  const ended = assert.rejects(both, { message: /told to fail/ }).then(() => {
    over = true;
  });
  while (!told(await journal()).includes('failed fast 1')) await new Promise(resolve => setImmediate(resolve));
  assert.equal(over, false);
  slow.resolve();
  await ended;
  assert.equal(told(await journal()).at(-1), 'done slow 1');
});

test('an effect asked for after its verb, and one name for two effects, are refused', async t => {
  const { executor, run, world, thing } = await scene(t);
  let kept: Call | undefined;
  await executor.execute(world.engine, orderOf(), async call => {
    kept = call;
  });
  await assert.rejects(kept!.effect(thing('late')), { kind: 'refused' });
  await assert.rejects(run(orderOf(), thing('move'), thing('move')), { kind: 'refused', message: /names two effects/ });
});

test('an act that a person waits for in vain is cut by its own cancellation, not by the wait of others', async t => {
  const { run, thing, executor, world } = await scene(t);
  const cancel = new AbortController();
  const { effect, acting } = watched(thing('stop', 'hang'));
  const first = assert.rejects(run(orderOf({ signal: cancel.signal }), effect));
  await acting;
  const impatient = new AbortController();
  const second = executor.execute(world.engine, orderOf({ signal: impatient.signal }), each([thing('stop')]));
  impatient.abort();
  await assert.rejects(second, { name: 'AbortError' });
  cancel.abort();
  await first;
  assert.equal(world.heldTimes.get('stop'), undefined);
});
