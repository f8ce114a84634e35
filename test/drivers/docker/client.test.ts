import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { connect } from '../../../src/drivers/docker/client.ts';
import { createDockerEngine } from '../../../src/drivers/docker/engine.ts';
import { kindOfStatus } from '../../../src/drivers/docker/failures.ts';
import { ofMilliseconds } from '../../../src/plan/duration.ts';
import { plainLook } from '../../contracts/plain-call.ts';
import { rejectsAs } from '../../contracts/rejects.ts';

const never = new AbortController().signal;

async function socketPath(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'lastgood-client-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return join(directory, 'docker.sock');
}

/** Something that answers where an engine would. */
async function answering(t: TestContext, answer: RequestListener): Promise<string> {
  const path = await socketPath(t);
  const server = createServer(answer);
  await new Promise<void>(resolve => server.listen(path, resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `unix://${path}`;
}

const saying =
  (status: number, message: string): RequestListener =>
  (_, answer) =>
    answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ message }));

it('takes nothing but a unix socket for an address', () => {
  assert.throws(() => connect('tcp://10.0.0.1:2375'), /expected unix:\/\//);
});

it('says unavailable, with address and call, when no engine listens', async t => {
  const address = `unix://${await socketPath(t)}`;
  await rejectsAs('unavailable', createDockerEngine(connect(address)).identify(plainLook()), address, 'identify');
});

it('says unavailable when an engine takes a call and dies', async t => {
  const address = await answering(t, request => request.socket.destroy());
  await rejectsAs(
    'unavailable',
    connect(address).ask('look', never, docker => docker.info()),
    address,
  );
});

it('says unavailable when an engine dies in the middle of its answer', async t => {
  const address = await answering(t, (request, answer) => {
    answer.writeHead(200, { 'content-length': '100' });
    answer.write('{"ID":');
    setImmediate(() => request.socket.destroy());
  });
  const asked = connect(address).ask('look', never, docker => docker.info(), ofMilliseconds(500));
  await rejectsAs('unavailable', asked, address);
});

it('gives up at the deadline on an engine that keeps silent', async t => {
  const path = await socketPath(t);
  const server = createTcpServer(() => {});
  await new Promise<void>(resolve => server.listen(path, resolve));
  t.after(() => server.close());
  const client = connect(`unix://${path}`);
  await rejectsAs(
    'unavailable',
    client.ask('look', never, docker => docker.info(), ofMilliseconds(50)),
    'within 50ms',
  );
});

it('gives up at once when it is cancelled, and asks nothing after', async t => {
  let asked = 0;
  const address = await answering(t, () => (asked += 1));
  const cancel = new AbortController();
  const call = connect(address).ask('look', cancel.signal, docker => docker.info());
  cancel.abort();
  await rejectsAs('unavailable', call, 'cancelled');
  const before = asked;
  await rejectsAs(
    'unavailable',
    connect(address).ask('look', cancel.signal, docker => docker.info()),
    'not asked',
  );
  assert.equal(asked, before);
});

it('tells five kinds of answers apart', () => {
  const kinds = [400, 401, 403, 404, 409, 500, 503].map(kindOfStatus);
  assert.deepEqual(kinds, ['refused', 'refused', 'refused', 'missing', 'conflict', 'unavailable', 'unavailable']);
});

it("hands on the engine's own sentence on one line", async t => {
  const address = await answering(t, saying(409, 'name is\nin use'));
  const call = connect(address).ask('create x', never, docker => docker.getContainer('x').inspect());
  await rejectsAs('conflict', call, 'create x', '409 name is in use');
});

for (const [ends, shown] of [
  [': permission denied', ': permission denied'],
  [': no route to host', ': no route to host'],
  [': canary: permission denied', ': permission denied'],
  [', data: canary: permission denied', ': permission denied'],
  [': canary is no errno', ''],
  ['', ''],
] as const)
  it(`shows nothing of the options of a mount that failed, which end in "${ends}"`, async t => {
    const mount = 'failed to mount local volume: mount //nas/x:/var/lib/docker/volumes/x/_data';
    const said = `error while mounting volume: ${mount}, data: username=u,password=canary${ends}`;
    const address = await answering(t, saying(500, said));
    const failure = await connect(address)
      .ask('start x', never, docker => docker.getContainer('x').start())
      .catch((error: Error) => error);
    assert.ok(failure instanceof Error);
    assert.ok(failure.message.endsWith(`${mount}, its data left out${shown}`), failure.message);
    assert.doesNotMatch(failure.message, /canary|username/);
  });

it('finds nothing where the engine says that nothing is there', async t => {
  const client = connect(await answering(t, saying(404, 'no such container')));
  assert.equal(await client.find('look', never, docker => docker.getContainer('x').inspect()), undefined);
});

it("does not follow this process's DOCKER_HOST", async t => {
  const address = await answering(t, (_, answer) => answer.end(JSON.stringify({ ID: 'the plan' })));
  process.env['DOCKER_HOST'] = 'tcp://127.0.0.1:1';
  t.after(() => delete process.env['DOCKER_HOST']);
  assert.deepEqual(await connect(address).ask('look', never, docker => docker.info()), { ID: 'the plan' });
});
