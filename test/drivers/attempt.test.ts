import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attempt, causeOf } from '../../src/drivers/attempt.ts';
import { poll } from '../../testbed/process/poll.ts';
import { look } from '../support/look.ts';

test('one try never uses up the time of all', () => {
  assert.equal(attempt(look(), 60_000).within, 5_000);
  assert.equal(attempt(look(), 200).within, 200);
  assert.equal(attempt(look(), 600_000, 600_000).within, 600_000);
});

test('why there is no answer is told: cancelled, too late, or what the connection said', async () => {
  const stop = new AbortController();
  const tried = attempt(look(stop.signal), 20);
  assert.equal(tried.noAnswer('refused').reason, 'refused');
  await poll({ what: 'the deadline', deadlineMs: 10_000, everyMs: 5 }, () => tried.signal.aborted);
  assert.equal(tried.noAnswer('refused').reason, 'no answer within 20ms');
  stop.abort();
  assert.deepEqual(tried.noAnswer('refused'), { verdict: 'inconclusive', reason: 'cancelled before an answer came' });
});

test('a cause is its code, else one short line', () => {
  assert.equal(causeOf(Object.assign(new Error('long'), { code: 'ECONNRESET' })), 'ECONNRESET');
  assert.equal(causeOf(new Error('first\nsecond')), 'first');
  assert.equal(causeOf('text'), 'text');
  assert.equal(causeOf(new Error('x'.repeat(500))).length, 120);
});
