import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bridgeToTemporal, createLogger } from '../../src/config/logger.ts';
import { createScrubber } from '../../src/config/scrubber.ts';
import { DriverError } from '../../src/drivers/errors.ts';

function logTo(secrets: readonly string[] = [], level: 'trace' | 'info' = 'trace') {
  const lines: string[] = [];
  const { remember, scrub } = createScrubber();
  for (const secret of secrets) remember(secret);
  const log = createLogger({ level, scrub, into: { write: line => void lines.push(line) } });
  return { log, lines, read: () => lines.map(line => JSON.parse(line) as Record<string, unknown>) };
}

test('a line is JSON with its level by name and its time, and levels below are left out', () => {
  const { log, read } = logTo([], 'info');
  log.debug('not this');
  log.info({ target: 'redis' }, 'stopped');
  const [line, ...more] = read();
  assert.deepEqual(more, []);
  assert.match(String(line!['time']), /^\d{4}-\d\d-\d\dT.*Z$/);
  assert.deepEqual({ ...line, time: '' }, { level: 'info', time: '', target: 'redis', msg: 'stopped' });
});

test('fields that hold secrets are never written', () => {
  const { log, lines } = logTo();
  log.info({ password: 'hunter2', login: { password: 'hunter2' }, a: { b: { token: 'hunter2' } } }, 'x');
  log.info({ recorded: { body: { deep: 'hunter2' } }, headers: { authorization: 'hunter2' }, Env: ['A=hunter2'] }, 'x');
  assert.doesNotMatch(lines.join(''), /hunter2/);
});

test('a resolved secret stands in no line: message, field, name, error, stack or cause', () => {
  const secret = 'pass "word"/+&\n5432';
  const { log, lines, read } = logTo([secret, '5432', 'level']);
  const cause = new Error(`password ${secret} was wrong`);
  log.error(
    { err: new DriverError('refused', `login with ${secret}`, { cause }), [secret]: secret, port: 5432 },
    `with ${secret}`,
  );
  log.info(`GET /?p=${encodeURIComponent(secret)} ${Buffer.from(secret).toString('base64')}`);
  const text = lines.join('');
  for (const form of [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64'),
  ]) {
    assert.ok(!text.includes(form), form);
  }
  const [error] = read();
  assert.equal(error!['msg'], 'with [secret]');
  assert.equal(error!['port'], 5432);
});

test('whatever the secret, a line stays JSON and does not hold it', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 4, unit: 'binary-ascii' }), fc.string(), (secret, other) => {
      const { log, read } = logTo([secret]);
      log.info({ at: `${other}${secret}` }, `${secret}${other}`);
      const line = read()[0]!;
      // What stands in its place may, with its neighbours, read as a very short secret again.
      const { msg, at } = line as { msg?: string; at?: string };
      for (const text of [msg, at]) {
        if (text !== undefined && !'[secret]'.includes(secret.slice(0, 1))) assert.ok(!text.includes(secret));
      }
    }),
  );
});

test('what is too short to be a secret is left', () => {
  const { remember, scrub } = createScrubber();
  for (const value of ['', 'a', 'abc']) remember(value);
  assert.equal(scrub('abc a'), 'abc a');
  remember('long-secret');
  remember('long-secret-longer');
  assert.equal(scrub('a long-secret-longer b long-secret'), 'a [secret] b [secret]');
});

test("Temporal's lines become ours, level by level, with their error", () => {
  const { log, read } = logTo(['hunter2-long']);
  const bridge = bridgeToTemporal(log);
  for (const level of ['trace', 'debug', 'info', 'warn', 'error'] as const)
    bridge[level]('said', { taskQueue: 'lastgood' });
  bridge.log('WARN', 'failed with hunter2-long', { error: new Error('hunter2-long'), [Symbol('at')]: 1n, count: 2n });
  bridge.log('INFO', 'bare');
  const lines = read();
  assert.deepEqual(
    lines.map(line => line['level']),
    ['trace', 'debug', 'info', 'warn', 'error', 'warn', 'info'],
  );
  assert.equal(lines[0]!['taskQueue'], 'lastgood');
  assert.equal(lines[5]!['msg'], 'failed with [secret]');
  assert.equal((lines[5]!['err'] as { message: string }).message, '[secret]');
});
