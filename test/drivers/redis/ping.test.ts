import assert from 'node:assert/strict';
import { test } from 'node:test';
import { probe } from '../../../src/drivers/probes.ts';
import { seconds } from '../../../src/plan/duration.ts';
import { findFreePort } from '../../../testbed/process/free-port.ts';
import { look } from '../../support/look.ts';
import { startRedis } from '../../support/redis.ts';
import { serveTcp } from '../http/http-server.ts';

const ask = (port: number, within = seconds(10), signal?: AbortSignal) =>
  probe({ host: '127.0.0.1' }, { kind: 'redis', port, within }, async () => '', look(signal));

test('a Redis that answers PONG passes, and one that asks for a password fails', async t => {
  const open = await startRedis(t);
  assert.deepEqual(await ask(open.port), { verdict: 'passed', reason: `redis 127.0.0.1:${open.port}: PONG` });
  const locked = await startRedis(t, ['--requirepass', 'secret']);
  const found = await ask(locked.port);
  assert.deepEqual(
    [found.verdict, /PONG expected, NOAUTH .* found$/.test(found.reason)],
    ['failed', true],
    found.reason,
  );
});

const answers: readonly [string, string, 'failed' | 'inconclusive'][] = [
  ['another word', '+PING\r\n', 'failed'],
  ['an empty bulk', '$-1\r\n', 'failed'],
  ['an error', '-ERR unknown command\r\n', 'failed'],
  ['a replica without its master', '-MASTERDOWN Link with MASTER is down\r\n', 'failed'],
  ['still loading', '-LOADING Redis is loading the dataset in memory\r\n', 'inconclusive'],
  ['a busy script', '-BUSY Redis is busy running a script\r\n', 'inconclusive'],
  ['another protocol', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'inconclusive'],
];
for (const [what, bytes, verdict] of answers) {
  test(`${what} is ${verdict}`, async t => {
    const found = await ask(await serveTcp(t, socket => socket.on('data', () => socket.write(bytes))));
    assert.equal(found.verdict, verdict, found.reason);
  });
}

test('no answer is inconclusive, and is asked for once', async t => {
  let connections = 0;
  const silent = await serveTcp(t, () => connections++);
  assert.deepEqual(await ask(silent, seconds(0.2)), {
    verdict: 'inconclusive',
    reason: `redis 127.0.0.1:${silent}: no answer within 200ms`,
  });
  const closing = await serveTcp(t, socket => {
    connections++;
    socket.destroy();
  });
  for (const port of [closing, await findFreePort()]) {
    assert.equal((await ask(port)).verdict, 'inconclusive');
  }
  assert.equal(connections, 2);
});

test('a cancelled look ends the try', async t => {
  const stop = new AbortController();
  const port = await serveTcp(t, () => stop.abort());
  const found = await ask(port, seconds(10), stop.signal);
  assert.deepEqual([found.verdict, /cancelled/.test(found.reason)], ['inconclusive', true]);
});
