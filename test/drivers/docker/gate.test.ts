import { createServer } from 'node:http';
import { createServer as createTcpServer, type Server } from 'node:net';
import { after, describe } from 'node:test';
import { createContainerDriver } from '../../../src/drivers/docker/containers.ts';
import { createStopGate } from '../../../src/drivers/docker/gate.ts';
import { seconds } from '../../../src/plan/duration.ts';
import type { GateName, HostName } from '../../../src/plan/ids.ts';
import { findFreePort } from '../../../testbed/process/free-port.ts';
import { poll } from '../../../testbed/process/poll.ts';
import { type GateScene, gateSuite } from '../../contracts/gate.ts';
import { plainLook } from '../../contracts/plain-call.ts';
import { containerTarget, freshName } from '../../contracts/targets.ts';
import { engineUnderTest } from './engine-under-test.ts';
import { fingerprint, runContainer } from './scenes.ts';

const engine = engineUnderTest();
const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close();
});

const listen = (server: Server, port: number) =>
  new Promise<void>((resolve, reject) => {
    servers.push(server);
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });

async function makeGate(): Promise<GateScene> {
  const { client, docker, images } = engine();
  const container = freshName('gate');
  const port = await findFreePort();
  await runContainer(docker, container, {
    Image: images.a,
    HostConfig: {
      RestartPolicy: { Name: 'always' },
      PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }] },
    },
  });
  const http = `http://127.0.0.1:${port}/health`;
  await poll({ what: 'the gate to answer', deadlineMs: 10_000, everyMs: 20 }, async () => (await fetch(http)).ok);
  const driver = createContainerDriver({ client, fingerprint, roleOf: () => 'target' });
  return {
    spec: {
      name: container as GateName,
      host: 'main' as HostName,
      container,
      by: 'stop',
      grace: seconds(5),
      observe: { http, shut: 'refused' },
    },
    observe: () => driver.observe(containerTarget(container), plainLook()),
    remove: async () => void (await docker.getContainer(container).remove({ force: true })),
    answerBeside: () =>
      listen(
        createServer((_, answer) => answer.writeHead(503).end()),
        port,
      ),
    keepSilent: () =>
      listen(
        createTcpServer(socket => socket.on('error', () => socket.destroy())),
        port,
      ),
  };
}

describe('a gate that is shut by stopping its container', () =>
  gateSuite(() => ({ gate: createStopGate(engine().client), makeGate })));
