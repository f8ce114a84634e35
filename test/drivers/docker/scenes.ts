import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import type Docker from 'dockerode';
import { createContainerDriver } from '../../../src/drivers/docker/containers.ts';
import { seconds } from '../../../src/plan/duration.ts';
import type { ContainerTarget } from '../../../src/plan/plan.ts';
import { poll } from '../../../testbed/process/poll.ts';
import { plainLook } from '../../contracts/plain-call.ts';
import type { StoppableWorld } from '../../contracts/stoppable.ts';
import { containerTarget, freshName } from '../../contracts/targets.ts';
import type { Scene } from '../../contracts/world.ts';
import { type EngineUnderTest, TEST_LABELS } from './engine-under-test.ts';

export const fingerprint = (text: string): string => createHash('sha256').update(`test key ${text}`).digest('hex');

type Body = Docker.ContainerCreateOptions;

export async function makeContainer(docker: Docker, name: string, body: Body): Promise<string> {
  const container = await docker.createContainer({
    _query: { name },
    _body: { ...body, Labels: { ...TEST_LABELS, ...body.Labels } },
  } as Docker.ContainerCreateOptions);
  return container.id;
}

export async function runContainer(docker: Docker, name: string, body: Body): Promise<string> {
  const id = await makeContainer(docker, name, body);
  await docker.getContainer(id).start();
  return id;
}

/**
 * As `runContainer`, and waits until its first process has a handler for SIGTERM, or ignores it: before, the
 * signal is dropped. Read of the kernel, for it is cheaper than to run a program inside.
 */
export async function runHeeding(docker: Docker, name: string, body: Body): Promise<string> {
  const id = await runContainer(docker, name, body);
  const { State } = await docker.getContainer(id).inspect();
  const bit = 1n << BigInt(constants.signals.SIGTERM - 1);
  await poll({ what: `${name} to heed SIGTERM`, deadlineMs: 20_000, everyMs: 5 }, async () => {
    const status = await readFile(`/proc/${State.Pid}/status`, 'utf8');
    // What the engine starts it by catches everything, until it has become the container's own program.
    if (/^Name:\s*runc/.test(status)) return false;
    return [...status.matchAll(/^Sig(?:Cgt|Ign):\s*([0-9a-f]+)$/gm)].some(([, mask]) => BigInt(`0x${mask}`) & bit);
  });
  return id;
}

/** Scenes of real containers: version A runs, and version B was recorded from a container of the same name. */
export function containerWorld(engine: () => EngineUnderTest): StoppableWorld<ContainerTarget> {
  const driver = () => createContainerDriver({ client: engine().client, fingerprint, roleOf: () => 'target' });
  const world = {
    kind: 'docker' as const,
    get driver() {
      return driver();
    },
    elsewhere: ['probe'],
    makeScene: () => makeScene(engine(), {}),
    makeLost: () => makeLost(engine()),
    makeAlways: () => makeScene(engine(), { HostConfig: { RestartPolicy: { Name: 'always' } } }),
    makeStubborn: () =>
      makeScene(
        engine(),
        { Cmd: ['sh', '-c', "trap '' TERM; while :; do sleep 1; done"] },
        { stop: { grace: seconds(1) } },
      ),
  };
  return world;

  /** Release B's image was never in a registry, and is gone from the engine. */
  async function makeLost({ docker, images }: EngineUnderTest): Promise<Scene<ContainerTarget>> {
    const lost = freshName('lastgood-test/lost');
    const from = docker.getContainer(await makeContainer(docker, freshName('maker'), { Image: images.b }));
    await from.commit({ repo: lost, comment: lost });
    await from.remove();
    const scene = await makeScene({ ...engine(), images: { ...images, b: lost } }, {});
    await docker.getImage(lost).remove();
    return scene;
  }

  async function makeScene(
    { docker, images }: EngineUnderTest,
    body: Body,
    more: Partial<ContainerTarget> = {},
  ): Promise<Scene<ContainerTarget>> {
    const name = freshName('service');
    const target = containerTarget(name, more);
    const releaseId = await makeContainer(docker, name, { ...body, Image: images.b, Env: ['MODE=release'] });
    const release = await driver().record(target, plainLook());
    await docker.getContainer(releaseId).remove();
    await runHeeding(docker, name, { ...body, Image: images.a, Env: ['MODE=now'] });
    const remove = () => docker.getContainer(name).remove({ force: true });
    return {
      target,
      release,
      async seen() {
        const { Config } = await docker.getContainer(name).inspect();
        return Config.Env.includes('MODE=release') ? 'B' : 'A';
      },
      removeLive: async () => void (await remove()),
      async remakeLive() {
        await remove();
        await runContainer(docker, name, { ...body, Image: images.a, Env: ['MODE=theirs'] });
      },
      async changeSetting() {
        await remove();
        await runContainer(docker, name, { ...body, Image: images.a, Env: ['MODE=now', 'MORE=1'] });
      },
      async halt() {
        await docker.getContainer(name).stop({ t: 1 }).catch(ignoreStopped);
      },
    };
  }
}

const ignoreStopped = (error: { statusCode?: number }): void => {
  if (error.statusCode !== 304) throw error;
};
