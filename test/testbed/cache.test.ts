import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { cacheDirectory, openCache } from '../../testbed/cache.ts';
import { poll } from '../../testbed/process/poll.ts';

describe('the cache', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lastgood-cache-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));
  const say = (): void => undefined;

  it('builds once for two that ask at the same time, and the second waits', async () => {
    let built = 0;
    const said: string[] = [];
    const build = async (half: string): Promise<void> => {
      built++;
      await poll({ what: 'the others to wait', deadlineMs: 10_000, everyMs: 5 }, () => said.length === 2);
      await writeFile(join(half, 'file'), 'whole');
    };
    const ask = () => openCache(directory).getOrBuild('thing-1', line => said.push(line), build);
    const paths = await Promise.all([ask(), ask(), ask()]);
    assert.equal(built, 1);
    assert.deepEqual(new Set(paths), new Set([join(directory, 'thing-1')]));
    assert.equal(await readFile(join(directory, 'thing-1', 'file'), 'utf8'), 'whole');
    assert.match(said.join('\n'), /another process is making thing-1/);
  });

  it('keeps nothing of a build that failed, and builds again when asked again', async () => {
    const cache = openCache(directory);
    await assert.rejects(
      cache.getOrBuild('thing-1', say, async half => {
        await writeFile(join(half, 'file'), 'half');
        throw new Error('out of luck');
      }),
      /out of luck/,
    );
    assert.deepEqual(await readdir(directory), []);
    assert.equal(await cache.find('thing-1'), undefined);
    await cache.getOrBuild('thing-1', say, async () => undefined);
    assert.deepEqual(await readdir(directory), ['thing-1']);
  });

  it('takes over the lock of a builder that is gone', async () => {
    // A pid that cannot be: Linux ends at 4194304.
    await writeFile(join(directory, 'thing-1.lock'), '99999999 12345');
    await openCache(directory).getOrBuild('thing-1', say, async () => undefined);
    assert.deepEqual(await readdir(directory), ['thing-1']);
  });

  it('lies where LASTGOOD_CACHE says, else XDG_CACHE_HOME, else the home directory', () => {
    assert.equal(cacheDirectory({ LASTGOOD_CACHE: '/a', XDG_CACHE_HOME: '/b', HOME: '/c' }), '/a');
    assert.equal(cacheDirectory({ XDG_CACHE_HOME: '/b', HOME: '/c' }), '/b/lastgood');
    assert.equal(cacheDirectory({ HOME: '/c' }), '/c/.cache/lastgood');
    assert.match(cacheDirectory({ HOME: '' }), /^\/.+\/\.cache\/lastgood$/);
  });
});
