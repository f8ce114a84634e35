import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type Cache, openCache } from '../../../testbed/cache.ts';
import { findFreePort } from '../../../testbed/process/free-port.ts';
import { poll } from '../../../testbed/process/poll.ts';
import { runWell } from '../../../testbed/process/run.ts';
import { type FindTemporalOptions, findTemporal } from '../../../testbed/temporal/binary.ts';
import { isOlder, TEMPORAL_VERSION } from '../../../testbed/temporal/version.ts';

describe('finding the Temporal CLI', () => {
  let directory: string;
  let cache: Cache;
  let said: string[];
  let closed: number;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lastgood-temporal-'));
    cache = openCache(join(directory, 'cache'));
    said = [];
    closed = await findFreePort();
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  /** A program that answers with this, in a folder of its own. @returns the folder */
  async function plant(name: string, body: string, folder = 'bin'): Promise<string> {
    await mkdir(join(directory, folder), { recursive: true });
    const file = join(directory, folder, name);
    await writeFile(file, `#!/bin/sh\n${body}\n`);
    await chmod(file, 0o755);
    return join(directory, folder);
  }
  const saying = (version: string): string => `echo "temporal version ${version} (Server 1.31.2, UI 2.50.1)"`;
  /** Nobody listens there: the official archive cannot be had. */
  const find = (env: NodeJS.ProcessEnv, more: Partial<FindTemporalOptions> = {}) =>
    findTemporal({ say: line => said.push(line), cache, env, downloadFrom: `http://127.0.0.1:${closed}`, ...more });

  it('takes TEMPORAL_CLI_PATH before the one on PATH', async () => {
    const named = join(await plant('temporal', saying('1.9.0'), 'named'), 'temporal');
    const PATH = await plant('temporal', saying('1.8.2'));
    assert.deepEqual(await find({ PATH, TEMPORAL_CLI_PATH: named }), {
      path: named,
      version: '1.9.0',
      from: 'TEMPORAL_CLI_PATH',
    });
  });

  it('puts no other in the place of a TEMPORAL_CLI_PATH that is too old', async () => {
    const named = join(await plant('temporal', saying('1.5.1'), 'named'), 'temporal');
    const PATH = await plant('temporal', saying('1.8.2'));
    await assert.rejects(find({ PATH, TEMPORAL_CLI_PATH: named }), (error: Error) => {
      assert.equal(
        error.message.split('\n').slice(0, 4).join('\n'),
        [
          'no Temporal CLI was found or could be made. Tried:',
          `  - TEMPORAL_CLI_PATH (${named}): it is version 1.5.1, and 1.6.0 is needed`,
          'What to do, any one of these:',
          '  - unset TEMPORAL_CLI_PATH, or let it name a temporal >= 1.6.0',
        ].join('\n'),
      );
      return true;
    });
  });

  it('takes the first on PATH that is new enough', async () => {
    const old = await plant('temporal', saying('1.5.1'), 'old');
    const fresh = await plant('temporal', saying('1.10.0'), 'fresh');
    const found = await find({ PATH: `${old}:${fresh}` });
    assert.deepEqual(found, { path: join(fresh, 'temporal'), version: '1.10.0', from: 'PATH' });
  });

  it('says at the dead end what was tried, each with why not, and what to do', async () => {
    const PATH = await plant('temporal', 'echo "no such thing"');
    await assert.rejects(find({ PATH }), (error: Error) => {
      const lines = error.message.split('\n');
      assert.deepEqual(lines.slice(0, 7), [
        'no Temporal CLI was found or could be made. Tried:',
        '  - TEMPORAL_CLI_PATH: not set',
        `  - PATH (${PATH}/temporal): asked for its version, it said "no such thing"`,
        `  - the cache (${join(cache.directory, `temporal-${TEMPORAL_VERSION}`)}): not there yet`,
        `  - the official download: fetch failed: connect ECONNREFUSED 127.0.0.1:${closed}`,
        '  - a build with Go: Go 1.26.4 or newer is not here: no go on PATH or in /usr/local/go/bin',
        'What to do, any one of these:',
      ]);
      assert.equal(lines.length, 10);
      return true;
    });
    assert.deepEqual(await readdir(cache.directory), [], 'nothing half made stays');
  });

  it('refuses a Go that is too old to fetch a newer one', async () => {
    const PATH = await plant('go', 'echo "go version go1.20.1 linux/amd64"');
    await assert.rejects(
      find({ PATH }),
      /a build with Go: .*\/go is 1\.20\.1: 1\.26\.4 is needed, and only 1\.21\.0 or newer/,
    );
  });

  it('shows the first failing lines of a build, without its progress', async () => {
    const PATH = await plant(
      'go',
      `[ "$1" = version ] && echo "go version go1.26.4 linux/amd64" && exit 0
       echo "go: downloading example.org/module v1.0.0" >&2
       echo "example.org/module/part" >&2
       echo "example.org/module: dial tcp: lookup failed" >&2
       exit 1`,
    );
    await assert.rejects(find({ PATH }), (error: Error) => {
      assert.match(
        error.message,
        /a build with Go: go ended with 1:\n {6}example.org\/module: dial tcp: lookup failed\nWhat to do/,
      );
      return true;
    });
    assert.match(said.join('\n'), /building the Temporal CLI 1\.8\.2 with Go 1\.26\.4: about 4 minutes/);
  });

  it('gives up a build of minutes when it is told to, and leaves nothing half made', async () => {
    const pid = join(directory, 'pid');
    const PATH = await plant(
      'go',
      `[ "$1" = version ] && echo "go version go1.26.4 linux/amd64" && exit 0
       echo $$ > ${pid}.half && /bin/mv ${pid}.half ${pid}
       exec /bin/sleep 600`,
    );
    const given = new AbortController();
    const going = find({ PATH }, { signal: given.signal });
    const builder = await poll({ what: 'the build to begin', deadlineMs: 10_000, everyMs: 20 }, async () =>
      Number(await readFile(pid, 'utf8')),
    );
    given.abort(new Error('interrupted'));
    await assert.rejects(going, { message: 'interrupted' });
    assert.throws(() => process.kill(builder, 0), { code: 'ESRCH' });
    assert.deepEqual(await readdir(cache.directory), []);
  });

  it('downloads the archive, believes it only after it said its version, and finds it in the cache from then on', async () => {
    await plant('temporal', saying(TEMPORAL_VERSION), 'archive');
    const archive = join(directory, 'archive.tar.gz');
    await runWell('tar', ['-czf', archive, '-C', join(directory, 'archive'), 'temporal'], { deadlineMs: 10_000 });
    const asked: string[] = [];
    const server = await serve(archive, asked);
    try {
      const downloadFrom = server.url;
      const path = join(cache.directory, `temporal-${TEMPORAL_VERSION}`, 'temporal');
      const first = await find({ PATH: '/usr/bin:/bin' }, { downloadFrom });
      assert.deepEqual(first, { path, version: TEMPORAL_VERSION, from: 'download' });
      assert.equal((await find({ PATH: '' }, { downloadFrom })).from, 'cache');
      assert.equal(asked.length, 1);
      assert.match(asked[0] ?? '', /^\/v1\.8\.2\?platform=\w+&arch=\w+$/);
    } finally {
      await server.close();
    }
  });

  it('refuses a download of another version', async () => {
    await plant('temporal', saying('1.8.1'), 'archive');
    const archive = join(directory, 'archive.tar.gz');
    await runWell('tar', ['-czf', archive, '-C', join(directory, 'archive'), 'temporal'], { deadlineMs: 10_000 });
    const server = await serve(archive, []);
    try {
      await assert.rejects(
        find({ PATH: '' }, { downloadFrom: server.url }),
        /official download: what came is 1\.8\.1, not 1\.8\.2/,
      );
    } finally {
      await server.close();
    }
  });

  it('removes what the cache has when it does not run, and says so', async () => {
    const folder = join(cache.directory, `temporal-${TEMPORAL_VERSION}`);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'temporal'), 'torn');
    await assert.rejects(find({ PATH: '' }), /the cache \(.*\): .*; it was removed/);
    assert.equal(await cache.find(`temporal-${TEMPORAL_VERSION}`), undefined);
  });

  it('compares versions by number', () => {
    assert.equal(isOlder('1.9.0', '1.10.0'), true);
    assert.equal(isOlder('1.10.0', '1.9.9'), false);
    assert.equal(isOlder('1.6.0', '1.6.0'), false);
  });
});

async function serve(file: string, asked: string[]): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer(async (request, response) => {
    asked.push(request.url ?? '');
    response.end(await readFile(file));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise(resolve => server.close(() => resolve())),
  };
}
