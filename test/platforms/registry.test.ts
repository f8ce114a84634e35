import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Registry, startRegistry } from '../../testbed/docker/registry.ts';
import { deploySmall } from '../../testbed/small/platform.ts';
import { useTemporal } from '../support/temporal.ts';
import { well } from './ground.ts';
import { digestOf, everything } from './looks.ts';
import { type Stand, say, setStand } from './stand.ts';

const { address } = await useTemporal();

describe('a release whose image only its registry has', () => {
  let stand: Stand;
  let registry: Registry;
  before(async () => {
    stand = await setStand(address);
    registry = await startRegistry({ directory: mkdtempSync(join(stand.directory, 'registry-')), say });
  });
  after(async () => {
    await registry?.stop();
    await stand?.end();
  });

  /** Everything as it stands; neither a run nor its refusal may change it. */
  const whole = async (): Promise<readonly string[]> => [
    ...(await everything(stand.engine.client)),
    digestOf(join(stand.small.directory, 'conf')),
  ];

  /** A good release of its own image, which is then gone from the engine. @returns its digest in the registry */
  async function released(name: string): Promise<string> {
    const docker = stand.engine.client;
    const { platform, small } = stand;
    const maker = await docker.createContainer({ Image: small.images.v1, Labels: { 'small.of': name } });
    const image = `${registry.address}/small:${name}`;
    await maker.commit({ repo: `${registry.address}/small`, tag: name, comment: name });
    await maker.remove();
    const digest = await registry.push(stand.engine, image, 'small', name);
    await deploySmall(docker, { ...small, images: { ...small.images, v1: image } }, { to: 'v1' });
    await well(stand.cli('release', 'record', platform, name));
    await well(stand.cli('release', 'good', platform, name));
    await stand.deploy();
    const { Id } = await docker.getImage(image).inspect();
    await docker.getImage(Id).remove({ force: true });
    return digest;
  }

  const rollBackTo = (name: string) =>
    stand.cli(
      'run',
      stand.platform,
      '--severity',
      'P0',
      `--consent=${stand.platform}`,
      '--release',
      name,
      '-o',
      'json',
    );

  async function refuses(name: string, says: RegExp): Promise<void> {
    const found = await whole();
    const ended = await rollBackTo(name);
    assert.equal(ended.code, 5, `${ended.stdout}\n${ended.stderr}`);
    assert.match(ended.stdout, says);
    assert.match(ended.stdout, /"next"/, 'it says what to do next');
    assert.deepEqual(await whole(), found);
  }

  it('is refused when the registry has lost the digest, and nothing was touched', async () => {
    await registry.deleteManifest('small', await released('lost'));
    await refuses('lost', /gone from its registry/);
  });

  it('is refused when the registry serves other bytes for the digest, and nothing was touched', async () => {
    await registry.alterManifest(await released('altered'));
    await refuses('altered', /serves something else/);
  });

  it('is refused while the registry is down, and nothing was touched', async () => {
    await released('down');
    await registry.stop();
    await refuses('down', /whether the registry has/);
    await registry.start();
  });

  it('is pulled by its digest, and put back', async () => {
    await released('kept');
    const ended = await rollBackTo('kept');
    assert.equal(ended.code, 0, `${ended.stdout}\n${ended.stderr}`);
    const { Image } = await stand.engine.client.getContainer('front').inspect();
    const { RepoTags, RepoDigests } = await stand.engine.client.getImage(Image).inspect();
    assert.ok([...(RepoTags ?? []), ...(RepoDigests ?? [])].some(name => name.includes(`${registry.address}/small`)));
  });
});
