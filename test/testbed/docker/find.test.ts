import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openCache } from '../../../testbed/cache.ts';
import { findEngineBinaries } from '../../../testbed/docker/binaries.ts';
import { startPrivateEngine } from '../../../testbed/docker/engine.ts';
import { findOrStartEngine } from '../../../testbed/docker/find.ts';

describe('finding a Docker engine', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lastgood-find-'));
  });
  after(() => rm(directory, { recursive: true, force: true }));
  const say = (): void => undefined;

  it('stops at a DOCKER_HOST that does not answer, with the ways out', async () => {
    const env = { DOCKER_HOST: `unix://${directory}/nobody.sock` };
    await assert.rejects(findOrStartEngine({ say, env }), (error: Error) => {
      assert.match(
        error.message,
        /^no Docker engine was found or could be started\. Tried:\n {2}- DOCKER_HOST \(unix:/,
      );
      assert.match(error.message, /ENOENT/);
      assert.match(error.message, /unset DOCKER_HOST, or start the engine that it names/);
      return true;
    });
  });

  it('refuses an address that is neither a socket nor a host with a port', async () => {
    await assert.rejects(
      findOrStartEngine({ say, env: { DOCKER_HOST: 'ssh://host' } }),
      /expected unix:\/\/\/path or tcp/,
    );
  });

  it('takes an engine that answers, and leaves it running', async () => {
    const engine = await startPrivateEngine({ directory: join(directory, 'engine'), say });
    try {
      const found = await findOrStartEngine({ say, env: { DOCKER_HOST: engine.socket } });
      assert.equal(found.whose, 'user');
      await found.stop();
      await engine.client.ping();
    } finally {
      await engine.stop();
    }
  });

  it('starts one of its own when a private one is asked for', async () => {
    const cache = openCache(join(directory, 'cache'));
    const found = await findOrStartEngine({ say, cache, privateOnly: true });
    try {
      assert.equal(found.whose, 'ours');
      await found.client.ping();
    } finally {
      await found.stop();
    }
    await assert.rejects(found.client.ping());
  });

  it('passes over a dockerd that is not one, and says what it said', async () => {
    const fake = join(directory, 'dockerd');
    await writeFile(fake, '#!/bin/sh\necho "Emulating Docker CLI"\n');
    await chmod(fake, 0o755);
    const found = await findEngineBinaries(`${directory}:/nowhere`);
    assert.equal('missing' in found, true);
    assert.match((found as { missing: string[] }).missing.join('\n'), /is no Docker engine.*Emulating Docker CLI/);
    assert.match((found as { missing: string[] }).missing.join('\n'), /containerd: not found/);
  });
});
