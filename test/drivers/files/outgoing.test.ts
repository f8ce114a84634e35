import assert from 'node:assert/strict';
import { chmod, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { treeDigest } from '../../../src/drivers/files/tree.ts';
import type { RunId } from '../../../src/plan/ids.ts';
import { plain } from './calls.ts';
import { build, driver, look, shapes } from './file-targets.ts';
import { scratch } from './trees.ts';

const RUN = 'run-1' as RunId;

/** What somebody saves over a live target, by its shape. */
const saves: Readonly<Record<string, readonly ((path: string) => Promise<unknown>)[]>> = {
  'a file': [
    path => writeFile(path, 'password=hunter2'),
    path => chmod(path, 0o640),
    path => writeFile(`${path}~`, 'password=hunter2').then(() => rename(`${path}~`, path)),
  ],
  'a link': [path => symlink('releases/hunter2', `${path}~`).then(() => rename(`${path}~`, path))],
  'a directory': [
    path => writeFile(join(path, 'PG_VERSION'), 'password=hunter2'),
    path => writeFile(join(path, 'new'), 'password=hunter2'),
    path => rm(join(path, 'only-live')),
    path => chmod(path, 0o700),
  ],
};

for (const shape of Object.keys(shapes)) {
  test(`${shape} that nobody touched is set aside as it was recorded, and settled`, async t => {
    const { target, recorded } = await build(join(await scratch(t), 'etc'), shape);
    const before = await driver.record(target, look);
    await driver.stage(target, recorded, plain());
    await driver.mustBeRecorded(target, RUN, before, look);
    await driver.swapIn(target, plain());
    await driver.mustBeRecorded(target, RUN, before, look);
    await driver.settle(target, plain());
    await driver.mustBeRecorded(target, RUN, before, look);
  });

  test(`${shape} that somebody saved before it was set aside is named, and settled once a person has taken it away`, async t => {
    for (const save of saves[shape] ?? []) {
      const directory = join(await scratch(t), 'etc');
      const { target, recorded, digest } = await build(directory, shape);
      const before = await driver.record(target, look);
      await driver.stage(target, recorded, plain());
      await save(target.path);
      const theirs = await digest();
      await driver.swapIn(target, plain());
      const refusal = await driver.mustBeRecorded(target, RUN, before, look).then(
        () => assert.fail('what is in no record was not told'),
        error => error as { kind: string; message: string; next: string },
      );
      assert.equal(refusal.kind, 'refused');
      assert.doesNotMatch(refusal.message, /hunter2/);
      const kept = /theirs is kept as (\S+),/.exec(refusal.message)?.[1] ?? '';
      assert.equal(await treeDigest(kept, look), theirs, 'it is kept whole');
      const room = /then remove (\S+)$/.exec(refusal.next)?.[1] ?? '';
      assert.ok(kept.startsWith(`${room}/`) && room.startsWith(directory), refusal.next);
      await rm(room, { recursive: true });
      await driver.mustBeRecorded(target, RUN, before, look);
      assert.equal((await driver.settle(target, plain())).changed, false);
      assert.equal((await driver.observe(target, look)).version, recorded.state.version);
      assert.deepEqual(await readdir(directory), ['app.conf']);
    }
  });
}
