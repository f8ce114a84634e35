import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressOf } from '../../../src/drivers/docker/address.ts';
import { poll } from '../../../testbed/process/poll.ts';
import { plainLook } from '../../contracts/plain-call.ts';
import { rejectsAs } from '../../contracts/rejects.ts';
import { freshName } from '../../contracts/targets.ts';
import { engineUnderTest, TEST_LABELS } from './engine-under-test.ts';
import { makeContainer, runContainer } from './scenes.ts';

const engine = engineUnderTest();
const addressed = (name: string) => addressOf(engine().client, name, plainLook());

describe('where a container answers', () => {
  it('is its address on the network that it was made for', async () => {
    const { docker, images } = engine();
    const [network, other, name] = [freshName('net'), freshName('a-net'), freshName('server')];
    for (const Name of [network, other]) await docker.createNetwork({ Name, Labels: TEST_LABELS });
    await runContainer(docker, name, { Image: images.b, HostConfig: { NetworkMode: network } });
    await docker.getNetwork(other).connect({ Container: name });
    const { NetworkSettings } = await docker.getContainer(name).inspect();
    const address = await addressed(name);
    assert.equal(address, NetworkSettings.Networks[network]?.IPAddress);
    // Started is not serving.
    const version = await poll({ what: 'the server to answer', deadlineMs: 10_000 }, async () =>
      (await fetch(`http://${address}:8080/version`, { signal: AbortSignal.timeout(1_000) })).text(),
    );
    assert.equal(version.trim(), '2');
  });

  it("is the lender's, the host's loopback, or none", async () => {
    const { docker, images } = engine();
    const [lender, borrower, host, none] = ['lender', 'borrower', 'host', 'none'].map(freshName) as [
      string,
      string,
      string,
      string,
    ];
    await runContainer(docker, lender, { Image: images.a });
    await runContainer(docker, borrower, {
      Image: images.a,
      Cmd: ['sleep', '60'],
      HostConfig: { NetworkMode: `container:${lender}` },
    });
    await makeContainer(docker, host, { Image: images.a, HostConfig: { NetworkMode: 'host' } });
    await makeContainer(docker, none, { Image: images.a, HostConfig: { NetworkMode: 'none' } });
    assert.equal(await addressed(borrower), await addressed(lender));
    assert.equal(await addressed(host), '127.0.0.1');
    await rejectsAs('refused', addressed(none), none);
  });

  it('is not known while it does not run, or is not there', async () => {
    const { docker, images } = engine();
    const name = freshName('created');
    await makeContainer(docker, name, { Image: images.a });
    await rejectsAs('conflict', addressed(name), name);
    await rejectsAs('missing', addressed(freshName('nobody')));
  });
});
