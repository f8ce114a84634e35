import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { connect } from '../../../src/drivers/docker/client.ts';
import { ensureImage } from '../../../src/drivers/docker/images.ts';
import { DriverError, type DriverErrorKind } from '../../../src/drivers/errors.ts';
import { tally } from '../../../src/drivers/tally.ts';
import { plainCall } from '../../contracts/plain-call.ts';

const NAME = 'reg.example:5000/shop/authentication-service';
const DIGEST = `sha256:${'a'.repeat(64)}`;
const ID = `sha256:${'b'.repeat(64)}`;

/** Something that answers where an engine would: it has no image, and answers a pull like this. */
async function pulling(t: TestContext, answer: (to: ServerResponse) => void): Promise<DriverError> {
  const directory = await mkdtemp(join(tmpdir(), 'lastgood-images-'));
  const path = join(directory, 'docker.sock');
  const server = createServer((request, to) => {
    if (request.method === 'POST') answer(to);
    else to.writeHead(404, { 'content-type': 'application/json' }).end('{"message":"no such image"}');
  });
  await new Promise<void>(resolve => server.listen(path, resolve));
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(directory, { recursive: true, force: true });
  });
  const call = plainCall();
  const image = { id: ID, name: `${NAME}:1`, digests: [`${NAME}@${DIGEST}`] };
  const failure = await ensureImage(connect(`unix://${path}`), image, tally(call), call).catch(error => error);
  assert.ok(failure instanceof DriverError, String(failure));
  return failure;
}

const inStream = (error: string) => (to: ServerResponse) =>
  to.writeHead(200).end(`{"status":"Pulling from shop/authentication-service"}\n${JSON.stringify({ error })}\n`);
const withStatus = (status: number, message: string) => (to: ServerResponse) =>
  to.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ message }));

const MANIFEST = `https://reg.example:5000/v2/shop/authentication-service/manifests/${DIGEST}`;
const TOKEN = 'https://auth.example/token?scope=repository%3Ashop%2Fauthentication-service%3Apull';

describe('an image that a registry did not give', () => {
  for (const [kind, said] of [
    ['unavailable', 'unexpected EOF'],
    ['unavailable', 'received unexpected HTTP status: 503 Service Unavailable'],
    ['unavailable', `Get "${MANIFEST}": net/http: TLS handshake timeout`],
    ['unavailable', `Get "${TOKEN}": context deadline exceeded`],
    ['unavailable', `failed to copy: ${NAME}@${DIGEST}: connection reset by peer`],
    ['unavailable', 'write /var/lib/docker/tmp/GetImageBlob1: no space left on device'],
    ['missing', `manifest for ${NAME}@${DIGEST} not found: manifest unknown: manifest unknown`],
    ['missing', `Head "${MANIFEST}": unauthorized: authentication required`],
    ['missing', 'denied: requested access to the resource is denied'],
    ['corrupt', `filesystem layer verification failed for digest ${DIGEST}`],
  ] satisfies readonly (readonly [DriverErrorKind, string])[])
    it(`is ${kind} where the engine says "${said}"`, async t => {
      assert.equal((await pulling(t, inStream(said))).kind, kind, 'in the stream');
      assert.equal((await pulling(t, withStatus(500, said))).kind, kind, 'as its answer');
    });

  it('is unavailable where the connection breaks off', async t => {
    const failure = await pulling(t, to => {
      to.writeHead(200).write('{"status":"Downloading"}\n');
      setImmediate(() => to.destroy());
    });
    assert.equal(failure.kind, 'unavailable');
  });

  it('is unavailable where the pull ended, and the engine has nothing all the same', async t => {
    const failure = await pulling(t, to => to.writeHead(200).end('{"status":"Downloading"}\n'));
    assert.equal(failure.kind, 'unavailable');
    assert.match(failure.message, /its pull ended, and it is not on the engine/);
  });
});
