import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ownEngine } from '../../src/executor/ownership.ts';
import type { EngineId } from '../../src/plan/ids.ts';

const freshEngine = (tail = ''): EngineId => `TEST:${randomUUID()}${tail}` as EngineId;

async function startOwner(t: TestContext, engine: EngineId): Promise<{ owner: ChildProcess; since: string }> {
  const owner = spawn(process.execPath, [join(import.meta.dirname, 'owner.ts'), engine], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => owner.kill('SIGKILL'));
  const [line] = (await once(owner.stdout!, 'data')) as [Buffer];
  return { owner, since: (JSON.parse(line.toString()) as { since: string }).since };
}

test('an engine has one owner: the second is told the first one’s process and since when', async t => {
  const engine = freshEngine();
  const { owner, since } = await startOwner(t, engine);
  await assert.rejects(ownEngine(engine), {
    name: 'DriverError',
    kind: 'conflict',
    message: `engine ${engine} is served by process ${owner.pid} since ${since}; nothing was changed`,
  });
});

test('an engine is free as soon as its owner was killed, whatever children it left', async t => {
  const engine = freshEngine();
  const { owner } = await startOwner(t, engine);
  const gone = once(owner, 'exit');
  owner.kill('SIGKILL');
  await gone;
  const mine = await ownEngine(engine);
  await mine.release();
});

test('an engine is free again after its release, and others are not touched', async () => {
  const [engine, other] = [freshEngine(), freshEngine()];
  const first = await ownEngine(engine);
  const beside = await ownEngine(other);
  await assert.rejects(ownEngine(engine), { kind: 'conflict' });
  await first.release();
  await (await ownEngine(engine)).release();
  await assert.rejects(ownEngine(other), { kind: 'conflict' });
  await beside.release();
});

test('of many that want an engine at once, one has it', async () => {
  const engine = freshEngine();
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => ownEngine(engine)));
  const owners = results.filter(result => result.status === 'fulfilled');
  assert.equal(owners.length, 1);
  for (const owner of owners) await owner.value.release();
});

test('ids too long for a socket are told apart', async () => {
  const long = 'x'.repeat(150);
  const base = freshEngine(long);
  const [a, b] = [`${base}a` as EngineId, `${base}b` as EngineId];
  const [first, second] = [await ownEngine(a), await ownEngine(b)];
  await assert.rejects(ownEngine(a), { kind: 'conflict' });
  await first.release();
  await second.release();
});

test('a holder that answers nothing is a conflict all the same', async t => {
  const engine = freshEngine();
  const squatter = createServer(socket => socket.end('hello'));
  t.after(() => squatter.close());
  await new Promise<void>(resolve => squatter.listen(`\0lastgood:${engine}`, resolve));
  await assert.rejects(ownEngine(engine), { kind: 'conflict', message: /does not say who it is/ });
});
