import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import Docker from 'dockerode';
import { connect, type DockerClient } from '../../../src/drivers/docker/client.ts';
import { startPrivateEngine } from '../../../testbed/docker/engine.ts';
import { removeContainers } from '../../../testbed/docker/remove-containers.ts';
import { ensureTinyImages } from '../../../testbed/docker/tiny-images.ts';

export interface EngineUnderTest {
  readonly client: DockerClient;
  /** Beside the driver, to make and break things. */
  readonly docker: Docker;
  /** Two versions of one small HTTP server on port 8080. */
  readonly images: { readonly a: string; readonly b: string };
}

/**
 * A real engine for one test file: the one of LASTGOOD_TEST_DOCKER (`unix://…`), else one of its own, started before
 * the file's tests and ended after them. What tests make carries a label of this file's and is removed.
 */
export function engineUnderTest(): () => EngineUnderTest {
  let engine: EngineUnderTest | undefined;
  let stop = async (): Promise<void> => {};
  before(async () => {
    const given = process.env['LASTGOOD_TEST_DOCKER'];
    const socket = given ?? (await startOwn());
    const docker = new Docker({ socketPath: socket.replace('unix://', '') });
    const [a, b] = await ensureTinyImages({ client: docker }, { say: () => {} });
    engine = { client: connect(socket), docker, images: { a, b } };
  });
  after(async () => {
    if (engine !== undefined) await removeMade(engine.docker);
    await stop();
  });
  return () => {
    if (engine === undefined) throw new Error('the engine was not started');
    return engine;
  };

  async function startOwn(): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), 'lastgood-docker-test-'));
    const own = await startPrivateEngine({ directory, say: () => {} });
    stop = async () => {
      await own.stop();
      await rm(directory, { recursive: true, force: true });
    };
    return own.socket;
  }
}

/** On every container, volume and network that tests of this process make. */
export const TEST_LABELS = { 'lastgood.test': `${process.pid}` };

async function removeMade(docker: Docker): Promise<void> {
  const filters = { label: [`lastgood.test=${process.pid}`] };
  const containers = await docker.listContainers({ all: true, filters });
  await removeContainers(docker, containers);
  const networks = await docker.listNetworks({ filters });
  await Promise.allSettled(networks.map(({ Id }) => docker.getNetwork(Id).remove()));
  const { Volumes } = await docker.listVolumes({ filters });
  await Promise.allSettled((Volumes ?? []).map(({ Name }) => docker.getVolume(Name).remove({ force: true })));
}
