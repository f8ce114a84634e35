import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call } from '../../src/drivers/contract.ts';
import { scene, told, watched } from './scene.ts';
import { each, orderOf } from './world.ts';

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

test('an act that was sent before the cancellation and is answered soon after is done, and known to be', async t => {
  const { run, thing, world, journal } = await scene(t);
  const cancel = new AbortController();
  const { effect, acting } = watched({
    ...thing('start'),
    act: async signal => {
      // As an engine that goes on with what it was sent, whether or not anybody still waits.
      await new Promise<void>(resolve => {
        const answered = () => {
          world.done.add('start');
          resolve();
        };
        setTimeout(answered, 5);
        signal.addEventListener('abort', () => resolve());
      });
    },
  });
  const cancelled = assert.rejects(run(orderOf({ signal: cancel.signal }), effect), { name: 'AbortError' });
  await acting;
  cancel.abort();
  await cancelled;
  assert.equal(told(await journal()).at(-1), 'done start 1');
});

test('a cancelled act that cannot be read back is answered with the cancellation, and has no result', async t => {
  const { run, thing, journal } = await scene(t);
  const cancel = new AbortController();
  const stop = thing('stop', 'hang');
  const { effect, acting } = watched<string>({
    ...stop,
    isDone: async () => {
      if (cancel.signal.aborted) throw new Error('connection reset');
      return stop.isDone();
    },
  });
  const cancelled = assert.rejects(run(orderOf({ signal: cancel.signal }), effect), { name: 'AbortError' });
  await acting;
  cancel.abort();
  await cancelled;
  assert.equal(told(await journal()).at(-1), 'intent stop 1');
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
