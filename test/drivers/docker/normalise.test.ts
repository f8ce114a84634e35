import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type Docker from 'dockerode';
import { formatPolicy } from '../../../src/drivers/docker/activity.ts';
import { normaliseContainer } from '../../../src/drivers/docker/normalise.ts';
import { freshName } from '../../contracts/targets.ts';
import { engineUnderTest, TEST_LABELS } from './engine-under-test.ts';
import { makeContainer, runContainer } from './scenes.ts';

const engine = engineUnderTest();
const network = freshName('net');
const volume = freshName('volume');

const RANGE = 40 + (process.pid % 100);
const address = (host: number) => `10.213.${RANGE}.${host}`;

interface Body extends Docker.ContainerCreateOptions {
  HostConfig: NonNullable<Docker.ContainerCreateOptions['HostConfig']>;
  NetworkingConfig: { EndpointsConfig: Docker.EndpointsConfig };
}

/** A container with something of everything. */
const everything = (): Body => ({
  Image: engine().images.a,
  Cmd: ['sh', '-c', 'sleep 60'],
  Env: ['MODE=one', 'LEVEL=info'],
  Labels: { ...TEST_LABELS, team: 'core' },
  User: '1000:1000',
  WorkingDir: '/tmp',
  ExposedPorts: { '9000/tcp': {} },
  StopSignal: 'SIGINT',
  Healthcheck: { Test: ['CMD', 'true'], Interval: 5_000_000_000 },
  HostConfig: {
    Binds: [`${volume}:/data`, '/tmp:/host:ro'],
    PortBindings: { '9000/tcp': [{ HostIp: '127.0.0.1', HostPort: '0' }] },
    NetworkMode: network,
    RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 },
    Memory: 64 * 1024 * 1024,
    NanoCpus: 500_000_000,
    Ulimits: [{ Name: 'nofile', Soft: 1000, Hard: 2000 }],
    CapAdd: ['NET_ADMIN'],
    CapDrop: ['MKNOD'],
    SecurityOpt: ['no-new-privileges'],
    Sysctls: { 'net.ipv4.ip_unprivileged_port_start': '1024' },
    Tmpfs: { '/scratch': 'size=1m' },
    LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } },
    ExtraHosts: ['db:10.0.0.9'],
    Devices: [{ PathOnHost: '/dev/null', PathInContainer: '/dev/nothing', CgroupPermissions: 'r' }],
    Dns: ['10.0.0.53', '10.0.0.54'],
    GroupAdd: ['20'],
    OomScoreAdj: 100,
  },
  NetworkingConfig: { EndpointsConfig: { [network]: { Aliases: ['app'], IPAMConfig: { IPv4Address: address(9) } } } },
});

type Plant = (body: Body) => void;
const endpoint = (body: Body): Docker.EndpointSettings => body.NetworkingConfig.EndpointsConfig[network] ?? {};
const host =
  (change: Partial<Body['HostConfig']>): Plant =>
  body =>
    Object.assign(body.HostConfig, change);

/** What somebody could have changed, one thing each. */
const PLANTED: Readonly<Record<string, Plant>> = {
  'a changed environment variable': body => body.Env?.splice(0, 1, 'MODE=two'),
  'a removed environment variable': body => body.Env?.pop(),
  'an argument': body => body.Cmd?.splice(2, 1, 'sleep 61'),
  'an entry point': body => Object.assign(body, { Entrypoint: ['/bin/busybox'] }),
  'a label': body => Object.assign(body.Labels ?? {}, { team: 'edge' }),
  'a user': body => Object.assign(body, { User: '1001' }),
  'a working directory': body => Object.assign(body, { WorkingDir: '/www' }),
  'a stop signal': body => Object.assign(body, { StopSignal: 'SIGTERM' }),
  'a stop timeout': body => Object.assign(body, { StopTimeout: 0 }),
  'a health check': body => Object.assign(body, { Healthcheck: { Test: ['CMD', 'false'], Interval: 5_000_000_000 } }),
  'a health check that is turned off': body => Object.assign(body, { Healthcheck: { Test: ['NONE'] } }),
  'a host name': body => Object.assign(body, { Hostname: 'app-1' }),
  'a terminal': body => Object.assign(body, { Tty: true }),
  'an exposed port': body => Object.assign(body.ExposedPorts ?? {}, { '9001/tcp': {} }),
  'the source of a mount': host({ Binds: [`${volume}:/data`, '/var:/host:ro'] }),
  'the place of a mount': host({ Binds: [`${volume}:/other`, '/tmp:/host:ro'] }),
  'the mode of a mount': host({ Binds: [`${volume}:/data`, '/tmp:/host'] }),
  'an anonymous volume': body => Object.assign(body, { Volumes: { '/more': {} } }),
  'a published port': host({ PortBindings: { '9000/tcp': [{ HostIp: '0.0.0.0', HostPort: '0' }] } }),
  'a network': body => {
    body.HostConfig.NetworkMode = `${network}-2`;
    body.NetworkingConfig = { EndpointsConfig: {} };
  },
  'an alias': body => Object.assign(endpoint(body), { Aliases: ['app', 'api'] }),
  'a fixed address': body => Object.assign(endpoint(body), { IPAMConfig: { IPv4Address: address(10) } }),
  'a memory limit': host({ Memory: 128 * 1024 * 1024 }),
  'a processor limit': host({ NanoCpus: 600_000_000 }),
  'a limit of processes': host({ PidsLimit: 50 }),
  'a ulimit': host({ Ulimits: [{ Name: 'nofile', Soft: 1000, Hard: 3000 }] }),
  'an added capability': host({ CapAdd: ['NET_ADMIN', 'SYS_TIME'] }),
  'a dropped capability': host({ CapDrop: [] }),
  'a security option': host({ SecurityOpt: [] }),
  privilege: host({ Privileged: true }),
  'a kernel setting': host({ Sysctls: { 'net.ipv4.ip_unprivileged_port_start': '80' } }),
  'a tmpfs': host({ Tmpfs: { '/scratch': 'size=2m' } }),
  'a read-only root': host({ ReadonlyRootfs: true }),
  'an option of the log driver': host({ LogConfig: { Type: 'json-file', Config: { 'max-size': '2m' } } }),
  'an extra host': host({ ExtraHosts: ['db:10.0.0.10'] }),
  'an init process': host({ Init: true }),
  'a refused init process': host({ Init: false }),
  'a device': host({ Devices: [] }),
  'the order of name servers': host({ Dns: ['10.0.0.54', '10.0.0.53'] }),
  'a group': host({ GroupAdd: ['21'] }),
  'a process namespace': host({ PidMode: 'host' }),
  'shared memory': host({ ShmSize: 1024 * 1024 }),
};

describe('a container, normalised', () => {
  before(async () => {
    const { docker } = engine();
    await docker.createVolume({ Name: volume, Labels: TEST_LABELS });
    const IPAM = { Config: [{ Subnet: `${address(0)}/24` }] };
    await docker.createNetwork({ Name: network, Labels: TEST_LABELS, IPAM } as Docker.NetworkCreateOptions);
    await docker.createNetwork({ Name: `${network}-2`, Labels: TEST_LABELS });
  });

  const look = async (name: string) => {
    const { docker } = engine();
    const found = await docker.getContainer(name).inspect();
    const image = await docker.getImage(found.Image).inspect();
    return { found, settings: normaliseContainer(found, image.Config) };
  };
  const make = async (body: Body) => {
    const name = freshName('sample');
    await makeContainer(engine().docker, name, body);
    return look(name);
  };

  it('is the same when it is made again', async () => {
    assert.deepEqual((await make(everything())).settings, (await make(everything())).settings);
  });

  it('is the same created, running and stopped', async () => {
    const name = freshName('sample');
    const container = engine().docker.getContainer(await makeContainer(engine().docker, name, everything()));
    const created = (await look(name)).settings;
    await container.start();
    assert.deepEqual((await look(name)).settings, created);
    await container.kill();
    await container.wait();
    assert.deepEqual((await look(name)).settings, created);
  });

  for (const [what, plant] of Object.entries(PLANTED))
    it(`finds ${what}`, async () => {
      const changed = everything();
      plant(changed);
      assert.notDeepEqual((await make(changed)).settings, (await make(everything())).settings);
    });

  it('keeps the restart policy out of the settings and beside them', async () => {
    const changed = everything();
    changed.HostConfig.RestartPolicy = { Name: 'always' };
    const [one, other] = [await make(everything()), await make(changed)];
    assert.deepEqual(one.settings, other.settings);
    const policies = [one, other].map(({ found }) => formatPolicy(found.HostConfig.RestartPolicy));
    assert.deepEqual(policies, ['on-failure:3', 'always']);
  });

  it('leaves out what another image says by itself', async () => {
    const { images } = engine();
    const plain = (image: string) => ({ ...everything(), Image: image });
    const [a, b] = [await make(plain(images.a)), await make(plain(images.b))];
    assert.notEqual(a.found.Image, b.found.Image);
    assert.deepEqual(a.settings, b.settings);
  });

  it('does not care about the order of environment, aliases or capabilities', async () => {
    const turned = everything();
    turned.Env?.reverse();
    turned.HostConfig.CapAdd = ['SYS_TIME', 'NET_ADMIN'];
    const straight = everything();
    straight.HostConfig.CapAdd = ['NET_ADMIN', 'SYS_TIME'];
    assert.deepEqual((await make(turned)).settings, (await make(straight)).settings);
  });

  it('knows a namespace by the name of its lender', async () => {
    const { docker, images } = engine();
    const [lender, borrower] = [freshName('lender'), freshName('borrower')];
    const borrow = async () => {
      const id = await runContainer(docker, lender, { Image: images.a });
      const body = { Image: images.a, HostConfig: { NetworkMode: `container:${lender}` } };
      await makeContainer(docker, borrower, body);
      const found = await docker.getContainer(borrower).inspect();
      for (const name of [lender, borrower]) await docker.getContainer(name).remove({ force: true });
      return normaliseContainer(found, {}, new Map([[id, { name: lender, mounts: new Set<string>() }]]));
    };
    assert.deepEqual(await borrow(), await borrow());
  });
});
