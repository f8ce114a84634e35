import assert from 'node:assert/strict';
import { test } from 'node:test';
import { singleFlight } from '../../src/executor/single-flight.ts';

const turn = () => new Promise<void>(resolve => setImmediate(resolve));
const never = new AbortController().signal;

/** Questions that are answered when the test says so. */
function desk() {
  const asked: (PromiseWithResolvers<string> & { signal: AbortSignal })[] = [];
  const ask = singleFlight(({ signal }) => {
    const question = { ...Promise.withResolvers<string>(), signal };
    asked.push(question);
    return question.promise;
  });
  return { asked, ask };
}
async function until(condition: () => boolean): Promise<void> {
  for (let turns = 0; !condition(); turns += 1) {
    assert.ok(turns < 1_000, 'it never came to be');
    await turn();
  }
}

test('all who come in one turn of the loop share a question, however many ticks apart', async () => {
  const { asked, ask } = desk();
  const all: Promise<string>[] = [];
  for (let n = 0; n < 26; n += 1) {
    all.push(ask(never));
    await Promise.resolve();
    await new Promise<void>(resolve => process.nextTick(resolve));
  }
  await until(() => asked.length > 0);
  asked[0]?.resolve('yes');
  assert.deepEqual(new Set(await Promise.all(all)), new Set(['yes']));
  assert.equal(asked.length, 1);
});

test('whoever comes while a question is out gets the answer to a later one', async () => {
  const { asked, ask } = desk();
  const early = ask(never);
  await until(() => asked.length === 1);
  const late = [ask(never), ask(never)];
  await turn();
  assert.equal(asked.length, 1);
  asked[0]?.resolve('old');
  assert.equal(await early, 'old');
  await until(() => asked.length === 2);
  asked[1]?.resolve('new');
  assert.deepEqual(await Promise.all(late), ['new', 'new']);
});

test('one who gives up leaves the others waiting; when all have, the question is aborted and the next one goes out', async () => {
  const { asked, ask } = desk();
  const [a, b] = [new AbortController(), new AbortController()];
  const first = assert.rejects(ask(a.signal), { name: 'AbortError' });
  const second = assert.rejects(ask(b.signal), { name: 'AbortError' });
  await until(() => asked.length === 1);
  a.abort();
  await first;
  assert.equal(asked[0]?.signal.aborted, false);
  b.abort();
  await second;
  assert.equal(asked[0]?.signal.aborted, true);
  const next = ask(never);
  await until(() => asked.length === 2);
  asked[1]?.resolve('yes');
  assert.equal(await next, 'yes');
});

test('a question that all gave up before it was put is not put, and the next one is', async () => {
  const { asked, ask } = desk();
  const a = new AbortController();
  const given = assert.rejects(ask(a.signal), { name: 'AbortError' });
  a.abort();
  await given;
  await turn();
  await turn();
  assert.equal(asked.length, 0);
  const next = ask(never);
  await until(() => asked.length === 1);
  asked[0]?.resolve('yes');
  assert.equal(await next, 'yes');
});

test('a failed question fails those who asked it, and nobody after them', async () => {
  const { asked, ask } = desk();
  const failing = assert.rejects(ask(never), { message: 'down' });
  await until(() => asked.length === 1);
  asked[0]?.reject(new Error('down'));
  await failing;
  const next = ask(never);
  await until(() => asked.length === 2);
  asked[1]?.resolve('up');
  assert.equal(await next, 'up');
});
