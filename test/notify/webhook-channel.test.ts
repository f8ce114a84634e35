import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Message } from '../../src/notify/channel.ts';
import { createWebhookChannel, type WebhookOptions } from '../../src/notify/webhook-channel.ts';

const KEY = Buffer.from('0123456789abcdef0123456789abcdef');
const SECRET = `whsec_${KEY.toString('base64')}`;
const NOW = new Date('2025-12-25T03:00:00.500Z');
const message: Message = {
  id: '0199-7-held',
  title: 'held',
  text: 'é\nb',
  platform: 'n3xus',
  run: '0199',
  urgency: 'page',
};

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/t0ken`;
}

const channelTo = (url: string, changes: Partial<WebhookOptions> = {}) =>
  createWebhookChannel({
    name: 'pager',
    url,
    secret: async () => SECRET,
    now: () => NOW,
    deadline: 10_000,
    ...changes,
  });
const send = (url: string, changes: Partial<WebhookOptions> = {}, signal = new AbortController().signal) =>
  channelTo(url, changes).send(message, signal);

/** By Web Crypto, from the specification's words, sharing nothing with what signs. */
async function isSigned(headers: IncomingHttpHeaders, body: Buffer): Promise<boolean> {
  const hmac = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', KEY, hmac, false, ['verify']);
  const [version, signature = ''] = String(headers['webhook-signature']).split(',');
  const head = new TextEncoder().encode(`${headers['webhook-id']}.${headers['webhook-timestamp']}.`);
  const signed = new Uint8Array([...head, ...body]);
  const given = Uint8Array.from(atob(signature), character => character.charCodeAt(0));
  return version === 'v1' && (await crypto.subtle.verify('HMAC', key, given, signed));
}

test('a message is posted once, signed, with the same id on each try', async t => {
  const heard: { method: string | undefined; headers: IncomingHttpHeaders; body: Buffer }[] = [];
  const url = await serve(t, async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    heard.push({ method: request.method, headers: request.headers, body });
    response.writeHead(204).end();
  });
  await send(url);
  await send(url);
  assert.equal(heard.length, 2);
  for (const { method, headers, body } of heard) {
    assert.equal(method, 'POST');
    assert.equal(headers['content-type'], 'application/json');
    assert.equal(headers['webhook-id'], '0199-7-held');
    assert.equal(headers['webhook-timestamp'], String(Math.floor(NOW.getTime() / 1_000)));
    assert.deepEqual(JSON.parse(body.toString()), {
      type: 'lastgood.message',
      timestamp: NOW.toISOString(),
      data: message,
    });
    assert.ok(await isSigned(headers, body));
    assert.ok(!(await isSigned({ ...headers, 'webhook-id': 'other' }, body)));
    assert.ok(!(await isSigned({ ...headers, 'webhook-timestamp': '1' }, body)));
    assert.ok(!(await isSigned(headers, Buffer.concat([body, Buffer.from(' ')]))));
  }
});

for (const [status, kind] of [
  [301, 'refused'],
  [302, 'refused'],
  [307, 'refused'],
  [400, 'refused'],
  [401, 'refused'],
  [404, 'refused'],
  [410, 'refused'],
  [408, 'unavailable'],
  [429, 'unavailable'],
  [500, 'unavailable'],
  [502, 'unavailable'],
  [503, 'unavailable'],
] as const) {
  test(`${status} is ${kind}, and nothing of the answer or the address is told`, async t => {
    let asked = 0;
    const url = await serve(t, (_request, response) => {
      asked++;
      response.writeHead(status, { location: '/elsewhere' }).end('body-of-the-answer');
    });
    await assert.rejects(send(url), (error: Error & { kind: string }) => {
      assert.deepEqual([error.name, error.kind], ['DriverError', kind]);
      assert.match(
        error.message,
        new RegExp(`^channel pager \\(127\\.0\\.0\\.1:\\d+\\): a status of 200 to 299 expected, ${status}.* found$`),
      );
      assert.doesNotMatch(error.message, /body-of-the-answer|t0ken/);
      return true;
    });
    assert.equal(asked, 1);
  });
}

test('silence, a closed connection and a closed port are unavailable', async t => {
  const silent = await serve(t, () => {});
  await assert.rejects(send(silent, { deadline: 200 }), { kind: 'unavailable', message: /: no answer within 200ms$/ });
  const closing = await serve(t, (_request, response) => void response.destroy());
  await assert.rejects(send(closing), { kind: 'unavailable', message: /: no answer \(/ });
  await assert.rejects(send('http://127.0.0.1:1/hook'), { kind: 'unavailable' });
});

test('a cancelled message is not waited for', async t => {
  const stop = new AbortController();
  const url = await serve(t, () => stop.abort());
  await assert.rejects(send(url, {}, stop.signal), { kind: 'unavailable', message: /: cancelled$/ });
});

test('only an address of http or https without a login is taken', () => {
  for (const url of ['file:///etc/passwd', 'ftp://host/', 'javascript:1', 'not a url', 'https://user:pass@host/']) {
    assert.throws(
      () => channelTo(url),
      (error: Error & { kind: string }) => {
        assert.equal(error.kind, 'refused');
        assert.doesNotMatch(error.message, /pass@|etc/);
        return true;
      },
    );
  }
});

test('a secret that is none is refused and not told', async t => {
  const url = await serve(t, (_request, response) => void response.end());
  for (const secret of ['whsec_c2hvcnQ=', 'whsec_not base64!', '', `whsec_${Buffer.alloc(65).toString('base64')}`]) {
    await assert.rejects(send(url, { secret: async () => secret }), (error: Error & { kind: string }) => {
      assert.equal(error.kind, 'refused');
      assert.ok(secret === '' || !error.message.includes(secret));
      return true;
    });
  }
});
