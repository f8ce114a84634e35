import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, rmdir, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import type Docker from 'dockerode';
import type { Recorded } from '../../../src/drivers/contract.ts';
import { createContainerDriver } from '../../../src/drivers/docker/containers.ts';
import { stagedName } from '../../../src/plan/ids.ts';
import type { ContainerTarget } from '../../../src/plan/plan.ts';
import { plainCall, plainLook, RUN } from '../../contracts/plain-call.ts';
import { containerTarget, freshName } from '../../contracts/targets.ts';
import { engineUnderTest, TEST_LABELS } from './engine-under-test.ts';
import { fingerprint, makeContainer, runContainer } from './scenes.ts';

const engine = engineUnderTest();
type RoleOf = (name: string) => 'target' | 'accepted' | undefined;
const driver = (roleOf: RoleOf = () => 'target', files: readonly string[] = []) =>
  createContainerDriver({ client: engine().client, fingerprint, roleOf, files });
const inspect = (name: string) => engine().docker.getContainer(name).inspect();
const running = { activity: 'running', restartPolicy: 'no' } as const;

interface Pair {
  readonly lender: ContainerTarget;
  readonly holder: ContainerTarget;
  readonly releases: readonly [lender: Recorded, holder: Recorded];
  readonly idsBefore: readonly [lender: string, holder: string];
}

/** Both were recorded at version B, and run at version A. The holder holds on to the lender by its name. */
async function pair(
  holds: (lender: string) => Docker.HostConfig,
  lends: Docker.ContainerCreateOptions = {},
): Promise<Pair> {
  const { docker, images } = engine();
  const [lender, holder] = [containerTarget(freshName('lender')), containerTarget(freshName('holder'))];
  const make = async (Image: string): Promise<readonly [string, string]> => [
    await runContainer(docker, lender.container, { ...lends, Image }),
    await runContainer(docker, holder.container, {
      Image,
      Cmd: ['sh', '-c', "trap 'exit 0' TERM; while :; do sleep 1; done"],
      HostConfig: holds(lender.container),
    }),
  ];
  await make(images.b);
  const releases = [await driver().record(lender, plainLook()), await driver().record(holder, plainLook())] as const;
  for (const { container } of [holder, lender]) await docker.getContainer(container).remove({ force: true });
  const idsBefore = await make(images.a);
  return { lender, holder, releases, idsBefore };
}

async function swapIn({ lender, holder, releases }: Pair): Promise<void> {
  for (const [target, release] of [
    [lender, releases[0]],
    [holder, releases[1]],
  ] as const) {
    assert.deepEqual(
      await driver()
        .canStage(target, release, plainLook())
        .then(({ verdict }) => verdict),
      'passed',
    );
    await driver().stage(target, release, plainCall());
  }
  for (const target of [holder, lender]) await driver().stop(target, plainCall(), true);
  for (const target of [lender, holder]) await driver().swapIn(target, plainCall());
}
const startBoth = async ({ lender, holder, releases }: Pair): Promise<void> => {
  await driver().start(lender, plainCall(), { ...releases[0].state, ...running });
  await driver().start(holder, plainCall(), { ...releases[1].state, ...running });
};

const SHARED: readonly (readonly [
  what: string,
  field: 'NetworkMode' | 'PidMode' | 'IpcMode',
  lends?: Docker.HostConfig,
])[] = [
  ['the network', 'NetworkMode'],
  ['the processes', 'PidMode'],
  ['the memory', 'IpcMode', { IpcMode: 'shareable' }],
];

describe('a container that holds on to another', () => {
  for (const [what, field, HostConfig] of SHARED)
    it(`is made again in ${what} of the one that takes its lender's place, and has the old one's back`, async () => {
      const both = await pair(lender => ({ [field]: `container:${lender}` }), HostConfig ? { HostConfig } : {});
      assert.deepEqual(
        both.releases[1].state.uses?.map(({ container }) => container),
        [both.lender.container],
      );
      await swapIn(both);
      await startBoth(both);
      const lender = await inspect(both.lender.container);
      assert.notEqual(lender.Id, both.idsBefore[0]);
      const holder = await inspect(both.holder.container);
      assert.equal(holder.HostConfig[field], `container:${lender.Id}`);
      assert.equal(holder.State.Running, true);
      assert.equal((await driver().observe(both.holder, plainLook())).settings, both.releases[1].state.settings);

      for (const target of [both.holder, both.lender]) await driver().stop(target, plainCall(), true);
      for (const target of [both.lender, both.holder]) await driver().swapBack(target, plainCall());
      await startBoth(both);
      const back = await inspect(both.holder.container);
      assert.equal(back.Id, both.idsBefore[1]);
      assert.equal(back.HostConfig[field], `container:${both.idsBefore[0]}`);
      assert.equal(back.State.Running, true);
    });

  it('mounts the volumes that its lender has now, and names no volume of its own', async () => {
    const both = await pair(lender => ({ VolumesFrom: [`${lender}:ro`] }), { Volumes: { '/lent': {} } });
    const volume = (await inspect(both.lender.container)).Mounts[0]?.Name;
    await swapIn(both);
    await startBoth(both);
    const holder = await inspect(both.holder.container);
    assert.deepEqual(
      holder.Mounts.map(({ Name, Destination, RW }) => [Name, Destination, RW]),
      [[volume, '/lent', false]],
    );
    assert.deepEqual(holder.HostConfig.VolumesFrom, [`${(await inspect(both.lender.container)).Id}:ro`]);
    assert.deepEqual(holder.HostConfig.Mounts ?? [], []);
    assert.equal((await driver().observe(both.holder, plainLook())).settings, both.releases[1].state.settings);
  });

  it('is linked to the one that has the name now', async () => {
    const both = await pair(lender => ({ Links: [`${lender}:database`] }));
    await swapIn(both);
    await startBoth(both);
    const { HostConfig } = await inspect(both.holder.container);
    assert.deepEqual(HostConfig.Links, [`/${both.lender.container}:/${both.holder.container}/database`]);
    assert.equal((await driver().observe(both.holder, plainLook())).settings, both.releases[1].state.settings);
  });

  it('is staged against the one that lives where its lender is not replaced', async () => {
    const both = await pair(lender => ({ NetworkMode: `container:${lender}` }));
    await driver().stage(both.holder, both.releases[1], plainCall());
    const staged = await inspect(stagedName(both.holder.container, RUN));
    assert.equal(staged.HostConfig.NetworkMode, `container:${both.idsBefore[0]}`);
  });
});

describe('what really cannot be made again', () => {
  const judge = async ({ holder, releases }: Pair, roleOf?: RoleOf) =>
    driver(roleOf).canStage(holder, releases[1], plainLook());

  it('is refused for want of a lender that is gone, or that nobody would start', async () => {
    const both = await pair(lender => ({ NetworkMode: `container:${lender}` }));
    const { docker } = engine();
    await docker.getContainer(both.lender.container).kill();
    assert.match(
      (await judge(both, () => undefined)).reason,
      /does not run and is no target of the plan: start it first/,
    );
    await docker.getContainer(both.lender.container).remove();
    assert.match((await judge(both)).reason, /is not on the engine: make lender-.* again first/);
  });

  /** Recorded with a body, and then what it needs is taken away. */
  const recorded = async (body: Docker.ContainerCreateOptions) => {
    const { docker, images } = engine();
    const target = containerTarget(freshName('unit'));
    const id = await makeContainer(docker, target.container, { ...body, Image: images.b });
    const release = await driver().record(target, plainLook());
    await docker.getContainer(id).remove();
    await runContainer(docker, target.container, { Image: images.a });
    return { judge: (files?: readonly string[]) => driver(undefined, files).canStage(target, release, plainLook()) };
  };

  it('is refused for a network that was removed, or that has not the address any more', async () => {
    const { docker } = engine();
    const name = freshName('net');
    const make = (third: number) => {
      const IPAM = { Config: [{ Subnet: `10.212.${third}.0/24` }] };
      return docker.createNetwork({ Name: name, Labels: TEST_LABELS, IPAM } as Docker.NetworkCreateOptions);
    };
    const first = await make(process.pid % 120);
    const EndpointsConfig = { [name]: { IPAMConfig: { IPv4Address: `10.212.${process.pid % 120}.9` } } };
    const { judge } = await recorded({ HostConfig: { NetworkMode: name }, NetworkingConfig: { EndpointsConfig } });
    assert.equal((await judge()).verdict, 'passed');
    await first.remove();
    assert.match((await judge()).reason, /network net-.* of the release is not on the engine: make it again/);
    await make(130 + (process.pid % 120));
    assert.match((await judge()).reason, /is not in network net-.*: make that network again with the range it had/);
  });

  it('is not refused for a link-local address, which is of no network', async () => {
    const { docker } = engine();
    const name = freshName('net');
    const address = `10.213.${process.pid % 250}`;
    const IPAM = { Config: [{ Subnet: `${address}.0/24` }] };
    await docker.createNetwork({ Name: name, Labels: TEST_LABELS, IPAM } as Docker.NetworkCreateOptions);
    const IPAMConfig = { IPv4Address: `${address}.9`, LinkLocalIPs: ['169.254.34.68'] };
    const EndpointsConfig = { [name]: { IPAMConfig } };
    const { judge } = await recorded({ HostConfig: { NetworkMode: name }, NetworkingConfig: { EndpointsConfig } });
    assert.equal((await judge()).verdict, 'passed');
  });

  it("is refused for a fixed address in the engine's own network", async () => {
    const EndpointsConfig = { bridge: { IPAMConfig: { IPv4Address: '172.17.0.99' } } };
    const { judge } = await recorded({ NetworkingConfig: { EndpointsConfig } });
    assert.match((await judge()).reason, /in the engine's own network, which gives none: use a network of your own/);
  });

  it('is refused for a named volume that was removed: it would be made anew, and be empty', async () => {
    const { docker } = engine();
    const Name = freshName('volume');
    await docker.createVolume({ Name, Labels: TEST_LABELS });
    const { judge } = await recorded({ HostConfig: { Binds: [`${Name}:/data`] } });
    assert.equal((await judge()).verdict, 'passed');
    await docker.getVolume(Name).remove();
    assert.match((await judge()).reason, /volume volume-.* would be made anew without its data/);
  });

  for (const [how, mounting] of [
    ['bound', (source: string) => ({ Binds: [`${source}/:/data`] })],
    ['mounted', (Source: string) => ({ Mounts: [{ Type: 'bind' as const, Source, Target: '/data' }] })],
  ] as const)
    it(`is refused for a path of the host that was ${how} and is gone, unless the plan puts it back`, async t => {
      const directory = await mkdtemp(join(tmpdir(), 'lastgood-bind-test-'));
      t.after(() => rm(directory, { recursive: true, force: true }));
      const source = join(directory, 'data');
      await mkdir(source);
      const { judge } = await recorded({ HostConfig: mounting(source) as Docker.HostConfig });
      assert.equal((await judge()).verdict, 'passed');
      await rmdir(source);
      const says = new RegExp(`${source}, which the release mounts, is not on this host.*: bring it back first`);
      assert.match((await judge([`${source}-of-another`])).reason, says);
      for (const path of [source, `${dirname(source)}/`, join(source, 'conf')])
        assert.equal((await judge([path])).verdict, 'passed', path);
      await symlink('nowhere', source);
      assert.match((await judge()).reason, says, 'a link that leads nowhere is nothing');
    });
});
