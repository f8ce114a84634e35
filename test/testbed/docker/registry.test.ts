import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { startPrivateEngine } from '../../../testbed/docker/engine.ts';
import { follow } from '../../../testbed/docker/import-tar.ts';
import { startRegistry } from '../../../testbed/docker/registry.ts';
import { ensureTinyImages } from '../../../testbed/docker/tiny-images.ts';

it('an image is pushed, pulled by digest, and not found any more once the registry lost it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'lastgood-registry-'));
  const say = (): void => undefined;
  const engine = await startPrivateEngine({ directory, say });
  const registry = await startRegistry({ directory: join(directory, 'registry'), say });
  try {
    const [image] = await ensureTinyImages(engine, { say });
    const digest = await registry.push(engine, image, 'tiny', '1');
    assert.match(digest, /^sha256:[0-9a-f]{64}$/);
    assert.equal(await registry.digestOf('tiny', '1'), digest);
    await engine.client.getImage(`${registry.address}/tiny:1`).remove();

    await registry.stop();
    await assert.rejects(engine.client.pull(`${registry.address}/tiny@${digest}`));
    await registry.start();
    await follow(engine, await engine.client.pull(`${registry.address}/tiny@${digest}`));

    await registry.deleteManifest('tiny', digest);
    await assert.rejects(registry.digestOf('tiny', '1'), /answered 404/);
    // Another engine: one that still has the image answers a pull by digest without asking the registry.
    const other = await startPrivateEngine({ directory: join(directory, 'other'), say });
    try {
      await assert.rejects(other.client.pull(`${registry.address}/tiny@${digest}`), /not found|unknown/);
    } finally {
      await other.stop();
    }
  } finally {
    await registry.stop();
    await engine.stop();
    await rm(directory, { recursive: true, force: true });
  }
});
