import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type Docker from 'dockerode';
import type { Recorded } from '../../../src/drivers/contract.ts';
import { createContainerDriver } from '../../../src/drivers/docker/containers.ts';
import { follow } from '../../../testbed/docker/import-tar.ts';
import { type Registry, startRegistry } from '../../../testbed/docker/registry.ts';
import { plainCall, plainLook } from '../../contracts/plain-call.ts';
import { rejectsAs } from '../../contracts/rejects.ts';
import { containerTarget, freshName } from '../../contracts/targets.ts';
import { engineUnderTest } from './engine-under-test.ts';
import { fingerprint, makeContainer, runContainer } from './scenes.ts';

const engine = engineUnderTest();

describe('an image that is no longer on the engine', () => {
  let registry: Registry;
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lastgood-registry-test-'));
    registry = await startRegistry({ directory, say: () => {} });
  });
  after(async () => {
    await registry.stop();
    await rm(directory, { recursive: true, force: true });
  });
  const driver = () => createContainerDriver({ client: engine().client, fingerprint, roleOf: () => 'target' });

  /** A release whose image is in the registry, and was removed from the engine. */
  async function scene(named = 'app') {
    const { docker, images } = engine();
    const repository = freshName(named);
    const tag = `${registry.address}/${repository}:1`;
    const target = containerTarget(freshName('unit'));
    // Each scene has an image of its own, so that removing it removes it.
    const maker = docker.getContainer(await makeContainer(docker, freshName('maker'), { Image: images.b }));
    await maker.commit({ repo: `${registry.address}/${repository}`, tag: '1', comment: repository });
    await maker.remove();
    await follow(
      { client: docker },
      await docker.getImage(tag).push({ authconfig: { key: 'e30=' } } as Docker.ImagePushOptions),
    );
    await makeContainer(docker, target.container, { Image: tag });
    const release = await driver().record(target, plainLook());
    await docker.getContainer(target.container).remove();
    await docker.getImage(release.state.version).remove({ force: true });
    await runContainer(docker, target.container, { Image: images.a });
    return { target, release, repository };
  }
  const digestOf = ({ body }: Recorded) =>
    ((body as { image: { digests: string[] } }).image.digests[0] ?? '').split('@')[1] ?? '';

  it('is had again by its digest', async () => {
    const { target, release } = await scene();
    assert.equal((await driver().canStage(target, release, plainLook())).verdict, 'passed');
    const call = plainCall();
    await driver().stage(target, release, call);
    assert.equal(call.acts[0], 'pull');
    assert.equal((await engine().docker.getImage(release.state.version).inspect()).Id, release.state.version);
  });

  it('is said to be gone when its registry lost it', async () => {
    const { target, release, repository } = await scene();
    await registry.deleteManifest(repository, digestOf(release));
    const answer = await driver().canStage(target, release, plainLook());
    assert.equal(answer.verdict, 'failed');
    assert.match(answer.reason, /gone from its registry/);
    await rejectsAs('missing', driver().stage(target, release, plainCall()), 'cannot be had');
  });

  it('is not taken for the same when its registry serves other bytes', async () => {
    const { target, release } = await scene();
    await registry.alterManifest(digestOf(release));
    await rejectsAs('corrupt', driver().stage(target, release, plainCall()), 'serves something else');
  });

  it('is no evidence either way while its registry is down, and had again once that is back', async () => {
    const { target, release } = await scene('authentication-service');
    await registry.stop();
    try {
      assert.equal((await driver().canStage(target, release, plainLook())).verdict, 'inconclusive');
      await rejectsAs('unavailable', driver().stage(target, release, plainCall()), 'cannot be had now');
    } finally {
      await registry.start();
    }
    await driver().stage(target, release, plainCall());
  });

  it('is corrupt when the digest brings another image', async () => {
    const { target, release } = await scene();
    const other = await scene();
    const body = structuredClone(release.body) as { image: { digests: string[] } };
    body.image.digests = (other.release.body as { image: { digests: string[] } }).image.digests;
    await rejectsAs('corrupt', driver().stage(target, { ...release, body }, plainCall()), release.state.version);
  });
});
