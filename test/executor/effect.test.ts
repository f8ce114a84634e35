import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call, Effect } from '../../src/drivers/contract.ts';
import { scene, told } from './scene.ts';
import { keyOf, OTHER_RUN, orderOf } from './world.ts';

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

test('an act that nobody heard of, and whose result has passed since, counts: the next begins a new effect round', async t => {
  const { run, thing, world, journal } = await scene(t);
  const start = thing('start');
  let [starts, blind] = [0, true];
  const passing: Effect<string> = {
    ...start,
    mark: async () => `${starts} starts`,
    isDone: async () => {
      if (starts === 1 && blind) throw new Error('the engine died');
      return start.isDone();
    },
    act: async signal => {
      starts += 1;
      await start.act(signal);
    },
  };
  await assert.rejects(run(orderOf(), passing), { kind: 'unavailable', message: /cannot be read back/ });
  // The engine is back, and has ended what it had not been told to keep.
  blind = false;
  world.done.delete('start');
  await run(orderOf({ fence: { turn: 1, attempt: 2 } }), passing);
  assert.deepEqual(told(await journal()), [
    'intent start 1',
    'done start 1',
    'gone start 1',
    'intent start 2',
    'done start 2',
  ]);
});

test('an act that never took hold leaves its mark as it was, and is tried again in the same round', async t => {
  const { run, thing, journal } = await scene(t);
  const marked = (how: 'throw' | 'do'): Effect<string> => ({ ...thing('start', how), mark: async () => 'never' });
  await assert.rejects(run(orderOf(), marked('throw')), { message: 'start: told to fail' });
  await run(orderOf({ fence: { turn: 1, attempt: 2 } }), marked('do'));
  assert.deepEqual(told(await journal()), ['intent start 1', 'failed start 1', 'intent start 1', 'done start 1']);
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

test('a process that died just after it wrote that a result is gone is continued in the new effect round', async t => {
  const { run, thing, journal } = await scene(t);
  await run(orderOf(), thing('start'));
  await (await journal()).append({ type: 'gone', key: keyOf(), effect: 'stop', effectRound: 1, evidence: 'seen' });
  await run(orderOf(), thing('stop'));
  assert.equal(told(await journal()).at(-1), 'done stop 2');
});

test('two verbs for the same key and effect at once act once', async t => {
  const { run, thing, world } = await scene(t);
  await Promise.all([run(orderOf(), thing('stop')), run(orderOf(), thing('stop')), run(orderOf(), thing('stop'))]);
  assert.equal(world.heldTimes.get('stop'), 1);
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
