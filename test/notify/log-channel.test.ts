import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { pino } from 'pino';
import type { Message } from '../../src/notify/channel.ts';
import { createLogChannel } from '../../src/notify/log-channel.ts';

test('a page is logged as an error, the rest as information, whole', async () => {
  const lines: string[] = [];
  const into = new Writable({
    write: (chunk, _encoding, done) => done(lines.push(String(chunk)) > 0 ? null : undefined),
  });
  const channel = createLogChannel({ name: 'log', log: pino({ base: null, timestamp: false }, into) });
  const message: Message = {
    id: 'r-1-held',
    title: 'held',
    text: 'a\nb',
    platform: 'n3xus',
    run: 'r',
    urgency: 'page',
  };
  await channel.send(message, AbortSignal.timeout(60_000));
  await channel.send({ ...message, urgency: 'info' }, AbortSignal.timeout(60_000));
  const fields = { channel: 'log', message: 'r-1-held', platform: 'n3xus', run: 'r', text: 'a\nb', msg: 'held' };
  assert.deepEqual(
    lines.map(line => JSON.parse(line)),
    [
      { level: 50, ...fields, urgency: 'page' },
      { level: 30, ...fields, urgency: 'info' },
    ],
  );
});
