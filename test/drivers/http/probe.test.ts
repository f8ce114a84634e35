import assert from 'node:assert/strict';
import type { RequestListener, ServerResponse } from 'node:http';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Evidence } from '../../../src/drivers/contract.ts';
import { probe } from '../../../src/drivers/probes.ts';
import { seconds } from '../../../src/plan/duration.ts';
import type { HttpProbe } from '../../../src/plan/plan.ts';
import { findFreePort } from '../../../testbed/process/free-port.ts';
import { look } from '../../support/look.ts';
import { serveHttp, serveTcp } from './http-server.ts';

const noSecrets = async (): Promise<string> => assert.fail('no secret was asked for');

/** What the platform's ledger must answer. */
const healthy = { fee: { enforced: true, percent: 2 }, version: '1.4.0', 'a/b': { 'm~n': 'odd' }, peers: ['x', 'y'] };
const spec: HttpProbe = {
  kind: 'http',
  http: '/health',
  port: 1,
  method: 'GET',
  status: 200,
  json: { '/fee/enforced': true, '/fee/percent': 2, '/version': '1.4.0', '/a~1b/m~0n': 'odd', '/peers/1': 'y' },
  within: seconds(10),
};
const ask = (port: number, changes: Partial<HttpProbe> = {}): Promise<Evidence> =>
  probe({ host: '127.0.0.1' }, { ...spec, port, ...changes }, noSecrets, look());
const answer =
  (status: number, body: string | Buffer, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, headers).end(body);
const json = (changes: object): RequestListener => answer(200, JSON.stringify({ ...healthy, ...changes }));

test('a right answer passes, and the reason says what was seen', async t => {
  const port = await serveHttp(t, json({}));
  const { verdict, reason } = await ask(port);
  assert.equal(verdict, 'passed');
  assert.equal(
    reason,
    `GET http://127.0.0.1:${port}/health: status 200, /fee/enforced is true, /fee/percent is 2, /version is "1.4.0", /a~1b/m~0n is "odd", /peers/1 is "y"`,
  );
});

const wrong: readonly [string, RequestListener, RegExp][] = [
  ['500', answer(500, JSON.stringify(healthy)), /status 200 expected, 500 found$/],
  ['503 of a proxy', answer(503, 'no upstream'), /status 200 expected, 503 found$/],
  ['404', answer(404, ''), /404 found$/],
  ['204 with nothing', answer(204, ''), /204 found$/],
  ['a redirect to a healthy page', answer(302, '', { location: '/fine' }), /302 found$/],
  ['a permanent redirect', answer(308, '', { location: '/fine' }), /308 found$/],
  [
    '200 with an error in its body',
    answer(200, '{"error":"database is down"}'),
    /5 of 5 values are wrong: \/fee\/enforced true expected, nothing found/,
  ],
  [
    'another version',
    json({ version: '1.5.0' }),
    /1 of 5 values are wrong: \/version "1\.4\.0" expected, "1\.5\.0" found$/,
  ],
  [
    'a fee that is not charged',
    json({ fee: { enforced: false, percent: 2 } }),
    /\/fee\/enforced true expected, false found$/,
  ],
  ['"true" for true', json({ fee: { enforced: 'true', percent: 2 } }), /true expected, "true" found$/],
  ['1 for true', json({ fee: { enforced: 1, percent: 2 } }), /true expected, 1 found$/],
  ['"2" for 2', json({ fee: { enforced: true, percent: '2' } }), /2 expected, "2" found$/],
  ['null for a value', json({ version: null }), /"1\.4\.0" expected, null found$/],
  ['an object for a value', json({ version: { major: 1 } }), /an object found$/],
  ['a list for a value', json({ version: ['1.4.0'] }), /a list found$/],
  ['a value that went', json({ peers: ['x'] }), /\/peers\/1 "y" expected, nothing found$/],
  ['an empty object', answer(200, '{}'), /5 of 5/],
  ['a bare null', answer(200, 'null'), /5 of 5/],
  ['a bare text', answer(200, '"ok"'), /5 of 5/],
];
for (const [what, listener, reason] of wrong) {
  test(`${what} fails`, async t => {
    const found = await ask(await serveHttp(t, listener));
    assert.match(found.reason, reason);
    assert.equal(found.verdict, 'failed');
  });
}

const unreadable: readonly [string, RequestListener][] = [
  ['an error page with status 200', answer(200, '<html>Bad Gateway</html>', { 'content-type': 'text/html' })],
  ['an empty body', answer(200, '')],
  ['JSON cut short', answer(200, JSON.stringify(healthy).slice(0, -1))],
  ['JSON and then more', answer(200, `${JSON.stringify(healthy)}{}`)],
  [
    'bytes that are no UTF-8',
    answer(200, Buffer.concat([Buffer.from('{"version":"'), Buffer.from([0xff]), Buffer.from('"}')])),
  ],
  ['a compressed body', answer(200, gzipSync(JSON.stringify(healthy)), { 'content-encoding': 'gzip' })],
  ['more than a megabyte', json({ padding: 'x'.repeat(1024 * 1024) })],
  ['a body without end', (_request, response) => flood(response.writeHead(200))],
  [
    'a connection that ends in the body',
    (_request, response) =>
      void response.writeHead(200, { 'content-length': '999' }).write('{"fee"', () => response.destroy()),
  ],
  ['a connection that ends before the answer', (_request, response) => void response.destroy()],
];
for (const [what, listener] of unreadable) {
  test(`${what} is inconclusive where JSON is asked for`, async t => {
    const found = await ask(await serveHttp(t, listener));
    assert.equal(found.verdict, 'inconclusive', found.reason);
  });
}

test('what is no HTTP, or nothing at all, is inconclusive', async t => {
  const greeting = await serveTcp(t, socket => void socket.end('220 mail.example ESMTP\r\n'));
  const closing = await serveTcp(t, socket => void socket.destroy());
  for (const port of [greeting, closing, await findFreePort()]) {
    const found = await ask(port, { json: {} });
    assert.equal(found.verdict, 'inconclusive', found.reason);
    assert.match(found.reason, /: no readable answer \(/);
  }
});

test('silence is inconclusive at the deadline, before the head and within the body', async t => {
  const silent = await serveHttp(t, () => {});
  const stalled = await serveHttp(t, (_request, response) => void response.writeHead(200).write('{"version":'));
  const within = seconds(0.2);
  for (const port of [silent, stalled]) {
    assert.deepEqual(await ask(port, { within }), {
      verdict: 'inconclusive',
      reason: `GET http://127.0.0.1:${port}/health: no answer within 200ms`,
    });
  }
});

test('a cancelled look ends the try', async t => {
  const stop = new AbortController();
  const port = await serveHttp(t, () => stop.abort());
  const found = await probe({ host: '127.0.0.1' }, { ...spec, port }, noSecrets, look(stop.signal));
  assert.deepEqual([found.verdict, /cancelled/.test(found.reason)], ['inconclusive', true]);
});

test('without JSON to compare the status alone is judged', async t => {
  const port = await serveHttp(t, answer(200, 'x'.repeat(2 * 1024 * 1024)));
  assert.equal((await ask(port, { json: {} })).verdict, 'passed');
  assert.equal((await ask(port, { json: {}, method: 'HEAD' })).verdict, 'passed');
  assert.equal((await ask(port, { json: {}, status: 201 })).verdict, 'failed');
});

test('a redirect is not followed', async t => {
  const asked: (string | undefined)[] = [];
  const port = await serveHttp(t, (request, response) => {
    asked.push(request.url);
    response.writeHead(302, { location: '/fine' }).end();
  });
  await ask(port, { json: {}, status: 302 });
  assert.deepEqual(asked, ['/health']);
});

test('the bearer is sent, and stands in no reason', async t => {
  const heard: (string | undefined)[] = [];
  const port = await serveHttp(t, (request, response) => {
    heard.push(request.method, request.headers.authorization);
    response.writeHead(401).end(request.headers.authorization);
  });
  const bearer = { from: 'file', path: '/run/secrets/probe' } as const;
  const found = await probe(
    { host: '127.0.0.1' },
    { ...spec, port, method: 'POST', bearer },
    async () => 'sesame-open',
    look(),
  );
  assert.deepEqual(heard, ['POST', 'Bearer sesame-open']);
  assert.equal(found.verdict, 'failed');
  assert.doesNotMatch(found.reason, /sesame/);
});

test('a whole URL asks the front door, and a probe that names nobody is refused', async t => {
  const port = await serveHttp(t, json({}));
  const { port: _port, ...frontDoor } = spec;
  const found = await probe(
    undefined,
    { ...frontDoor, http: `http://127.0.0.1:${port}/health?key=1` },
    noSecrets,
    look(),
  );
  assert.equal(found.verdict, 'passed');
  assert.doesNotMatch(found.reason, /key=1/);
  for (const http of ['/health', 'file:///etc/passwd', 'ftp://example.org/', 'health']) {
    await assert.rejects(probe(undefined, { ...frontDoor, http }, noSecrets, look()), {
      name: 'DriverError',
      kind: 'refused',
    });
  }
});

function flood(response: ServerResponse): void {
  const chunk = Buffer.alloc(64 * 1024, ' ');
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', more);
  more();
}
