import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type Docker from 'dockerode';
import { createSurroundings } from '../../../src/drivers/docker/surroundings.ts';
import type { TargetId } from '../../../src/plan/ids.ts';
import type { GateSpec, Plan, Target } from '../../../src/plan/plan.ts';
import { plainLook } from '../../contracts/plain-call.ts';
import { containerTarget, freshName, volumeTarget } from '../../contracts/targets.ts';
import { engineUnderTest, TEST_LABELS } from './engine-under-test.ts';
import { makeContainer, runContainer } from './scenes.ts';

const engine = engineUnderTest();

describe('what would reach around a run', () => {
  const made: string[] = [];
  afterEach(async () => {
    for (const name of made.splice(0)) await engine().docker.getContainer(name).remove({ force: true });
  });
  const run = async (what: string, body: Docker.ContainerCreateOptions = {}) => {
    const name = freshName(what);
    await runContainer(engine().docker, name, { Image: engine().images.a, ...body });
    made.push(name);
    return name;
  };
  const volume = async () => {
    const name = freshName('store');
    await engine().docker.createVolume({ Name: name, Labels: TEST_LABELS });
    return name;
  };
  const network = async () => {
    const name = freshName('net');
    await engine().docker.createNetwork({ Name: name, Labels: TEST_LABELS });
    return name;
  };
  /** Only what surroundings read of a plan. */
  const strangers = (targets: readonly Target[], gates: readonly string[] = [], accepted: readonly string[] = []) => {
    const plan = {
      targets,
      gates: gates.map(container => ({ container }) as GateSpec),
      accept: { containers: accepted },
    } as Pick<Plan, 'targets' | 'gates' | 'accept'>;
    return createSurroundings({ client: engine().client, plan }).findStrangers(plainLook());
  };
  const published = { PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '0' }] } };

  it('is nothing where only the plan runs', async () => {
    const store = await volume();
    const service = await run('service', { HostConfig: { Binds: [`${store}:/data`] } });
    assert.deepEqual(await strangers([containerTarget(service), volumeTarget(store)]), []);
  });

  it('names an unlisted container that can write a store, by volume or by path, unless it is accepted', async () => {
    const store = await volume();
    const { Mountpoint } = await engine().docker.getVolume(store).inspect();
    const byVolume = await run('writer', { HostConfig: { Binds: [`${store}:/data`] } });
    const byPath = await run('writer', { HostConfig: { Binds: [`${Mountpoint}:/data`] } });
    const reader = await run('reader', { HostConfig: { Binds: [`${store}:/data:ro`] } });
    const found = await strangers([volumeTarget(store)]);
    assert.equal(found.length, 2, found.join('\n'));
    for (const name of [byVolume, byPath]) assert.ok(found.some(line => line.includes(name) && line.includes(store)));
    assert.ok(!found.some(line => line.includes(reader)));
    assert.deepEqual(await strangers([volumeTarget(store)], [], [byVolume, byPath]), []);
  });

  it('does not name what does not run', async () => {
    const store = await volume();
    const name = freshName('stopped');
    await makeContainer(engine().docker, name, { Image: engine().images.a, HostConfig: { Binds: [`${store}:/data`] } });
    made.push(name);
    assert.deepEqual(await strangers([volumeTarget(store)]), []);
  });

  it('names a port that bypasses every gate, of a target or of a container beside it', async () => {
    const shared = await network();
    const inNetwork = { HostConfig: { NetworkMode: shared } };
    const gate = await run('gate', { HostConfig: { NetworkMode: shared, ...published } });
    const hidden = await run('hidden', inNetwork);
    const open = await run('open', { HostConfig: { NetworkMode: shared, ...published } });
    const beside = await run('beside', { HostConfig: { NetworkMode: shared, ...published } });
    const elsewhere = await run('elsewhere', { HostConfig: { NetworkMode: await network(), ...published } });
    const targets = [containerTarget(hidden), containerTarget(open)];
    const found = await strangers(targets, [gate]);
    assert.equal(found.length, 2, found.join('\n'));
    for (const name of [open, beside])
      assert.ok(found.some(line => line.includes(name) && line.includes('past every gate')));
    assert.ok(!found.some(line => line.includes(elsewhere) || line.includes(gate)));
    assert.deepEqual(await strangers(targets, [gate], [open, beside]), []);
    assert.deepEqual(await strangers(targets), [], 'without a gate there is nothing to bypass');
  });

  it("names a target on the host's own network", async () => {
    const name = await run('on-host', { HostConfig: { NetworkMode: 'host' }, Cmd: ['sleep', '60'] });
    const gate = await run('gate');
    assert.match((await strangers([containerTarget(name)], [gate])).join(), /host's own network/);
  });

  it("names a target that is Temporal's own", async () => {
    const { docker, images } = engine();
    await docker.getImage(images.a).tag({ repo: 'temporalio/server', tag: 'test' });
    try {
      const name = await run('temporal', { Image: 'temporalio/server:test' });
      assert.match((await strangers([containerTarget(name)], [], [name])).join(), /would stop itself/);
      assert.deepEqual(await strangers([{ ...containerTarget('other'), id: 'other' as TargetId }]), []);
    } finally {
      for (const name of made.splice(0)) await docker.getContainer(name).remove({ force: true });
      await docker.getImage('temporalio/server:test').remove();
    }
  });
});
