import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EngineId } from '../../src/plan/ids.ts';
import { scene, told, watched } from './scene.ts';
import { each, OTHER_RUN, orderOf, PLATFORM } from './world.ts';

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
  assert.equal(world.asked.identify, 1);
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

test('an older attempt of the same turn is refused', async t => {
  const { run, thing, world } = await scene(t);
  await run(orderOf({ fence: { turn: 1, attempt: 2 } }), thing('stop'));
  await assert.rejects(run(orderOf({ fence: { turn: 1, attempt: 1 } }), thing('late')), { kind: 'conflict' });
  assert.equal(world.heldTimes.get('late'), undefined);
});

test('a zombie that finds its work undone writes neither that it is gone nor a new round', async t => {
  const { run, thing, world, executor, journal } = await scene(t);
  await run(orderOf(), thing('stop'));
  const asleep = Promise.withResolvers<void>();
  const working = Promise.withResolvers<void>();
  const zombie = executor.execute(world.engine, orderOf(), async call => {
    working.resolve();
    await asleep.promise;
    return call.effect(thing('stop'));
  });
  const refused = assert.rejects(zombie, { kind: 'conflict' });
  await working.promise;
  await run(orderOf({ fence: { turn: 2, attempt: 1 }, key: { direction: 'undo' } }), thing('start'));
  world.done.delete('stop');
  asleep.resolve();
  await refused;
  assert.ok(!told(await journal()).some(line => line.startsWith('gone')));
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
