import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import type Docker from 'dockerode';
import { createContainerDriver } from '../../../src/drivers/docker/containers.ts';
import { outgoingName, stagedName } from '../../../src/plan/ids.ts';
import type { ContainerTarget } from '../../../src/plan/plan.ts';
import { poll } from '../../../testbed/process/poll.ts';
import { plainCall, plainLook, RUN } from '../../contracts/plain-call.ts';
import { rejectsAs } from '../../contracts/rejects.ts';
import { containerTarget, freshName } from '../../contracts/targets.ts';
import { engineUnderTest, TEST_LABELS } from './engine-under-test.ts';
import { fingerprint, makeContainer, runContainer } from './scenes.ts';

const engine = engineUnderTest();
type RoleOf = (name: string) => 'target' | 'accepted' | undefined;
const driver = (roleOf: RoleOf = () => undefined) =>
  createContainerDriver({ client: engine().client, fingerprint, roleOf });
const inspect = (name: string) => engine().docker.getContainer(name).inspect();

/** Version A runs by the name that release B, made from `body`, was recorded by. */
async function scene(body: Docker.ContainerCreateOptions, live: Docker.ContainerCreateOptions = body) {
  const { docker, images } = engine();
  const target = containerTarget(freshName('unit'));
  const id = await makeContainer(docker, target.container, { ...body, Image: images.b });
  const release = await driver().record(target, plainLook());
  await docker.getContainer(id).remove({ v: false });
  await runContainer(docker, target.container, { ...live, Image: images.a });
  return { target, release };
}

async function rollForward({ target, release }: Awaited<ReturnType<typeof scene>>): Promise<void> {
  await driver().stage(target, release, plainCall());
  await driver().stop(target, plainCall(), true);
  await driver().swapIn(target, plainCall());
  await driver().start(target, plainCall(), { ...release.state, activity: 'running' });
}

/** What the engine's name server answers to a container in that network: asked from inside its network namespace. */
async function resolveIn(network: string, host: string): Promise<string> {
  const { docker, images } = engine();
  const id = await runContainer(docker, freshName('client'), { Image: images.a, HostConfig: { NetworkMode: network } });
  const { State } = await docker.getContainer(id).inspect();
  const script = `const { Resolver } = require('node:dns').promises; const to = new Resolver(); to.setServers(['127.0.0.11']);
    to.resolve4(${JSON.stringify(host)}).then(found => process.stdout.write(found.join()))`;
  const asked = [`--net=/proc/${State.Pid}/ns/net`, process.execPath, '-e', script];
  return (await promisify(execFile)('nsenter', asked, { timeout: 20_000 })).stdout;
}

describe('a restored container', () => {
  it('joins all recorded networks, with aliases and fixed addresses', async () => {
    const { docker } = engine();
    const [first, second] = [freshName('net'), freshName('net')];
    const IPAM = { Config: [{ Subnet: `10.214.${process.pid % 250}.0/24` }] };
    const address = `10.214.${process.pid % 250}.77`;
    await docker.createNetwork({ Name: first, Labels: TEST_LABELS, IPAM } as Docker.NetworkCreateOptions);
    await docker.createNetwork({ Name: second, Labels: TEST_LABELS });
    const { images } = engine();
    const target = containerTarget(freshName('unit'));
    const make = async (Image: string) => {
      const Endpoint = { Aliases: ['db'], IPAMConfig: { IPv4Address: address } };
      await makeContainer(docker, target.container, {
        Image,
        HostConfig: { NetworkMode: first },
        NetworkingConfig: { EndpointsConfig: { [first]: Endpoint } },
      });
      await docker.getNetwork(second).connect({ Container: target.container, EndpointConfig: { Aliases: ['cache'] } });
      await docker.getContainer(target.container).start();
    };
    await make(images.b);
    const release = await driver().record(target, plainLook());
    await docker.getContainer(target.container).remove({ force: true });
    await make(images.a);
    await rollForward({ target, release });
    const { NetworkSettings, State } = await inspect(target.container);
    assert.equal(State.Running, true);
    assert.equal(NetworkSettings.Networks[first]?.IPAddress, address);
    assert.ok(NetworkSettings.Networks[first]?.Aliases.includes('db'));
    assert.ok(NetworkSettings.Networks[second]?.Aliases.includes('cache'));
    // Others find it by its aliases and by its name, though it was made under another.
    for (const [network, host] of [
      [first, 'db'],
      [first, target.container],
      [second, 'cache'],
      [second, target.container],
    ] as const)
      assert.equal(
        await resolveIn(network, host),
        NetworkSettings.Networks[network]?.IPAddress,
        `${host} in ${network}`,
      );
    assert.equal((await driver().observe(target, plainLook())).settings, release.state.settings);
  });

  it('is taken off a network that the release was not in', async () => {
    const { docker, images } = engine();
    const network = freshName('net');
    await docker.createNetwork({ Name: network, Labels: TEST_LABELS });
    const target = containerTarget(freshName('unit'));
    const make = async (Image: string) => {
      await makeContainer(docker, target.container, { Image, HostConfig: { NetworkMode: network } });
      await docker.getNetwork(network).disconnect({ Container: target.container });
    };
    await make(images.b);
    const release = await driver().record(target, plainLook());
    await docker.getContainer(target.container).remove();
    await make(images.a);
    await driver().stage(target, release, plainCall());
    assert.deepEqual((await inspect(stagedName(target.container, RUN))).NetworkSettings.Networks, {});
  });

  it('keeps the data of the anonymous volumes of the live one', async () => {
    const { docker } = engine();
    const scenery = await scene({ Volumes: { '/data': {} } });
    const mounted = async () => (await inspect(scenery.target.container)).Mounts.map(({ Name }) => Name);
    const before = await mounted();
    assert.equal(before.length, 1);
    await rollForward(scenery);
    assert.deepEqual(await mounted(), before);
    assert.equal((await driver().observe(scenery.target, plainLook())).settings, scenery.release.state.settings);
    await driver().settle(scenery.target, plainCall());
    assert.equal((await docker.getVolume(before[0] ?? '').inspect()).Name, before[0]);
  });

  it('has its published port, which the outgoing one had', async () => {
    const HostConfig = { PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '0' }] } };
    const scenery = await scene({ HostConfig });
    await rollForward(scenery);
    const { NetworkSettings } = await inspect(scenery.target.container);
    const port = NetworkSettings.Ports['8080/tcp']?.[0]?.HostPort;
    // Started is not serving: the engine's port answers before the program behind it does.
    const version = await poll({ what: 'the port to answer', deadlineMs: 10_000 }, async () =>
      (await fetch(`http://127.0.0.1:${port}/version`, { signal: AbortSignal.timeout(1_000) })).text(),
    );
    assert.equal(version.trim(), '2');
  });

  it('is never raised while it is staged', async () => {
    const scenery = await scene({ HostConfig: { RestartPolicy: { Name: 'always' } } });
    await driver().stage(scenery.target, scenery.release, plainCall());
    const staged = await inspect(stagedName(scenery.target.container, RUN));
    assert.equal(staged.HostConfig.RestartPolicy?.Name, 'no');
    assert.equal(staged.State.Status, 'created');
  });
});

describe('names that are taken', () => {
  it('does not stage over a container that it did not make', async () => {
    const scenery = await scene({});
    const name = stagedName(scenery.target.container, RUN);
    await makeContainer(engine().docker, name, { Image: engine().images.a });
    await rejectsAs('conflict', driver().stage(scenery.target, scenery.release, plainCall()), name);
    await rejectsAs('conflict', driver().drop(scenery.target, plainCall()), name);
  });

  it('does not set the live one aside under a name that is taken', async () => {
    const scenery = await scene({});
    await driver().stage(scenery.target, scenery.release, plainCall());
    await driver().stop(scenery.target, plainCall(), true);
    const name = outgoingName(scenery.target.container, RUN);
    await makeContainer(engine().docker, name, { Image: engine().images.a });
    await rejectsAs('conflict', driver().swapIn(scenery.target, plainCall()), name);
    assert.ok(await inspect(scenery.target.container));
  });

  it('says missing when the staged container was removed, and leaves the live one alone', async () => {
    const scenery = await scene({});
    await driver().stage(scenery.target, scenery.release, plainCall());
    await driver().stop(scenery.target, plainCall(), true);
    const name = stagedName(scenery.target.container, RUN);
    await engine().docker.getContainer(name).remove();
    await rejectsAs('missing', driver().swapIn(scenery.target, plainCall()), name);
    assert.ok(await inspect(scenery.target.container));
  });

  it('puts the found one back when the release container was removed', async () => {
    const scenery = await scene({});
    const found = (await inspect(scenery.target.container)).Id;
    await driver().stage(scenery.target, scenery.release, plainCall());
    await driver().stop(scenery.target, plainCall(), true);
    await driver().swapIn(scenery.target, plainCall());
    await engine().docker.getContainer(scenery.target.container).remove();
    await driver().swapBack(scenery.target, plainCall());
    assert.equal((await inspect(scenery.target.container)).Id, found);
  });

  it('swaps nothing that runs', async () => {
    const scenery = await scene({});
    await driver().stage(scenery.target, scenery.release, plainCall());
    await rejectsAs('refused', driver().swapIn(scenery.target, plainCall()), 'running');
  });
});

describe('what speaks against staging', () => {
  const judge = (
    { target, release }: Awaited<ReturnType<typeof scene>>,
    more: Partial<ContainerTarget> = {},
    roleOf?: RoleOf,
  ) => driver(roleOf).canStage({ ...target, ...more }, release, plainLook());
  const write = ['sh', '-c', 'touch /srv-file /run-file.pid; mkdir -p /run; touch /run/x; while :; do sleep 1; done'];

  it('names changes in the writable layer that nobody expects', async () => {
    const scenery = await scene({}, { Cmd: write });
    await rejected(scenery);
    assert.equal((await judge(scenery, { acceptChanges: true })).verdict, 'passed');
    assert.equal((await judge(scenery, { ignoreChanges: ['/srv-file'] })).verdict, 'passed');

    async function rejected(of: Awaited<ReturnType<typeof scene>>): Promise<void> {
      const until = Date.now() + 10_000;
      for (;;) {
        const answer = await judge(of);
        if (answer.verdict === 'failed') {
          assert.match(answer.reason, /\/srv-file/);
          assert.doesNotMatch(answer.reason, /run/);
          return;
        }
        assert.ok(Date.now() < until, 'the file was never found');
      }
    }
  });

  it("does not take the file of the engine's own init for a change of somebody", async () => {
    const scenery = await scene({ HostConfig: { Init: true } });
    const paths = (await engine().docker.getContainer(scenery.target.container).changes()) as { Path: string }[];
    assert.ok(paths.some(({ Path }) => Path === '/sbin/docker-init'));
    assert.equal((await judge(scenery)).verdict, 'passed');
  });

  it('names containers that hold on to it, unless the plan puts them back too or accepts them', async () => {
    const { docker, images } = engine();
    const scenery = await scene({});
    const name = scenery.target.container;
    const holders: readonly (readonly [what: string, host: object])[] = [
      ['mounts the volumes of', { VolumesFrom: [name] }],
      ['shares the network of', { NetworkMode: `container:${name}` }],
      ['shares the memory of', { IpcMode: `container:${name}` }],
      ['shares the processes of', { PidMode: `container:${name}` }],
      ['is linked to', { Links: [`${name}:it`] }],
    ];
    for (const [what, HostConfig] of holders) {
      const holder = freshName('holder');
      await makeContainer(docker, holder, { Image: images.a, HostConfig });
      const unlisted = await judge(scenery);
      assert.equal(unlisted.verdict, 'failed');
      assert.match(unlisted.reason, new RegExp(`${holder} ${what} ${name}`));
      for (const role of ['target', 'accepted'] as const)
        assert.equal((await judge(scenery, {}, known => (known === holder ? role : undefined))).verdict, 'passed');
      await docker.getContainer(holder).remove();
    }
  });

  it('refuses to record or to stop a container that its engine removes once it stops, and tells it by its state', async () => {
    const { target, release } = await scene({}, { HostConfig: { AutoRemove: true } });
    assert.equal((await driver().observe(target, plainLook())).removedOnceStopped, true);
    assert.equal(release.state.removedOnceStopped, undefined);
    const says = `container ${target.container} is removed as soon as it stops (--rm)`;
    await rejectsAs('refused', driver().record(target, plainLook()), says);
    await rejectsAs('refused', driver().stop(target, plainCall(), true), says);
    assert.equal((await inspect(target.container)).State.Running, true);
  });

  it('names a release that was recorded of one', async () => {
    const { target, release } = await scene({});
    const body = structuredClone(release.body) as { request: { hostConfig: object } };
    Object.assign(body.request.hostConfig, { AutoRemove: true });
    const answer = await judge({ target, release: { ...release, body } });
    assert.equal(answer.verdict, 'failed');
    assert.match(answer.reason, /the release has unit-.* removed as soon as it stops \(--rm\): choose another/);
  });

  it('shows no setting in the error of an engine that quotes it', async () => {
    const scenery = await scene({ Env: ['PASSWORD=correct-horse'] });
    const body = structuredClone(scenery.release.body) as { request: { hostConfig: object } };
    Object.assign(body.request.hostConfig, { Binds: ['relative/correct-horse:/x'] });
    const staged = driver().stage(scenery.target, { ...scenery.release, body }, plainCall());
    await assert.rejects(staged, error => !String(error).includes('correct-horse'));
  });
});
