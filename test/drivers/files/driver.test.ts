import assert from 'node:assert/strict';
import {
  chmod,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import type { Recorded } from '../../../src/drivers/contract.ts';
import { actsThenThrows, Died, dies, plain } from './calls.ts';
import { build, driver, look, shapes, targetAt } from './file-targets.ts';
import { scratch } from './trees.ts';

for (const shape of Object.keys(shapes)) {
  test(`${shape} goes to the release and back, and settling or dropping leaves nothing beside it`, async t => {
    const directory = join(await scratch(t), 'etc');
    const { target, recorded, before, digest } = await build(directory, shape);
    assert.notDeepEqual(await driver.observe(target, look), recorded.state);
    assert.equal((await driver.canStage(target, recorded, look)).verdict, 'passed');
    assert.equal(await digest(), before, 'a look changed it');
    for (const call of [plain(), actsThenThrows('run-2')]) {
      assert.equal((await driver.stage(target, recorded, call)).changed, true);
      assert.equal((await driver.stage(target, recorded, call)).changed, false);
      assert.equal(await digest(), before, 'staging changed what is live');
      assert.equal((await driver.swapIn(target, call)).changed, true);
      assert.equal((await driver.swapIn(target, call)).changed, false);
      assert.deepEqual(await driver.observe(target, look), recorded.state);
      await assert.rejects(driver.drop(target, call), { kind: 'conflict' });
      assert.equal((await driver.swapBack(target, call)).changed, true);
      assert.equal((await driver.swapBack(target, call)).changed, false);
      assert.equal(await digest(), before);
      await assert.rejects(driver.settle(target, call), { kind: 'conflict' });
      assert.equal((await driver.drop(target, call)).changed, true);
      assert.equal((await driver.drop(target, call)).changed, false);
      assert.deepEqual(await readdir(directory), ['app.conf']);
    }
    await driver.stage(target, recorded, plain());
    await driver.swapIn(target, plain());
    assert.equal((await driver.settle(target, plain())).changed, true);
    assert.equal((await driver.settle(target, plain())).changed, false);
    assert.deepEqual(await driver.observe(target, look), recorded.state);
    assert.deepEqual(await readdir(directory), ['app.conf']);
    if (shape === 'a directory') assert.equal((await readdir(target.path)).includes('.lastgood'), false);
  });

  test(`${shape} whose worker died at any effect, before or after the act, ends whole both ways`, async t => {
    const directory = join(await scratch(t), 'etc');
    let points = 0;
    for (const verb of ['stage', 'swapIn', 'swapBack', 'settle', 'drop'] as const) {
      for (const next of ['again', 'back'] as const) {
        for (let at = 1, died = true; died; at += 1) {
          for (const when of ['before', 'after'] as const) {
            const { target, recorded, before, digest } = await build(directory, shape);
            const verbs = {
              stage: (call = plain()) => driver.stage(target, recorded, call),
              swapIn: (call = plain()) => driver.swapIn(target, call),
              swapBack: (call = plain()) => driver.swapBack(target, call),
              settle: (call = plain()) => driver.settle(target, call),
              drop: (call = plain()) => driver.drop(target, call),
            };
            if (verb !== 'stage') await verbs.stage();
            if (verb === 'swapBack' || verb === 'settle') await verbs.swapIn();
            const end = await verbs[verb](dies(at, when)).then(
              () => undefined,
              error => error as Error,
            );
            died = end?.cause instanceof Died;
            assert.ok(died || end === undefined, end?.message);
            if (!died) break;
            points += 1;
            const point = `${verb} died ${when} effect ${at}, then ${next}`;
            if (next === 'again') await verbs[verb]();
            if (verb === 'settle') await verbs.settle();
            else if (next === 'back') {
              await verbs.swapBack();
              assert.equal(await digest(), before, point);
              await verbs.drop();
              assert.deepEqual(await readdir(directory), ['app.conf'], point);
            }
            const released = verb === 'settle' || (verb === 'swapIn' && next === 'again');
            const release = (await driver.observe(target, look)).version === recorded.state.version;
            assert.equal(release, released, point);
            if (!released) assert.equal(await digest(), before, point);
          }
        }
      }
    }
    assert.ok(points >= 16, `${points} points`);
  });
}

test('the version shows a change of content, the settings one of mode, and the label what it is', async t => {
  const directory = await scratch(t);
  const target = targetAt(join(directory, 'app.conf'));
  await writeFile(target.path, 'x'.repeat(2150));
  const first = await driver.observe(target, look);
  assert.deepEqual([first.identity, first.activity, first.label], [target.path, 'none', '1 file, 2.1 KiB']);
  await chmod(target.path, 0o640);
  const second = await driver.observe(target, look);
  assert.equal(second.version, first.version);
  assert.notEqual(second.settings, first.settings);
  await writeFile(target.path, 'y'.repeat(2150));
  const third = await driver.observe(target, look);
  assert.notEqual(third.version, second.version);
  assert.equal(third.settings, second.settings);
  await symlink('releases/42', join(directory, 'current'));
  assert.equal((await driver.observe(targetAt(join(directory, 'current')), look)).label, 'link to releases/42');
});

test('a replaced file keeps its identity, and one reached through a linked directory has one identity', async t => {
  const directory = await scratch(t);
  await mkdir(join(directory, 'real'));
  await symlink('real', join(directory, 'linked'));
  await writeFile(join(directory, 'real', 'app.conf'), 'one');
  const first = await driver.observe(targetAt(join(directory, 'real', 'app.conf')), look);
  await writeFile(join(directory, 'real', 'new'), 'one');
  await rename(join(directory, 'real', 'new'), join(directory, 'real', 'app.conf'));
  assert.deepEqual(await driver.observe(targetAt(join(directory, 'linked', 'app.conf')), look), first);
});

test('a directory keeps its inode through a swap, for the container that binds it', async t => {
  const { target, recorded } = await build(join(await scratch(t), 'etc'), 'a directory');
  const { ino } = await lstat(target.path);
  await driver.stage(target, recorded, plain());
  await driver.swapIn(target, plain());
  assert.equal((await lstat(target.path)).ino, ino);
  assert.equal((await lstat(target.path)).mode & 0o7777, 0o2755);
});

test('going back brings the very same file back, and a link stays a link', async t => {
  const directory = join(await scratch(t), 'etc');
  const file = await build(directory, 'a file');
  const { ino } = await lstat(file.target.path);
  await driver.stage(file.target, file.recorded, plain());
  await driver.swapIn(file.target, plain());
  assert.notEqual((await lstat(file.target.path)).ino, ino);
  await driver.swapBack(file.target, plain());
  assert.equal((await lstat(file.target.path)).ino, ino);
  const linked = await build(directory, 'a link');
  await driver.stage(linked.target, linked.recorded, plain());
  await driver.swapIn(linked.target, plain());
  assert.equal(await readlink(linked.target.path), 'releases/release');
});

test('a file that the release removed comes back', async t => {
  const { target, recorded, before, digest } = await build(join(await scratch(t), 'etc'), 'a file');
  await driver.stage(target, recorded, plain());
  await driver.swapIn(target, plain());
  await rm(target.path);
  await driver.swapBack(target, plain());
  assert.equal(await digest(), before);
});

test('a staged file or tree that somebody changed is not swapped in', async t => {
  const directory = join(await scratch(t), 'etc');
  const file = await build(directory, 'a file');
  await driver.stage(file.target, file.recorded, plain());
  const [room] = (await readdir(directory)).filter(name => name.startsWith('.lg-'));
  await writeFile(join(directory, room ?? '', 'staged', 'app.conf'), 'planted');
  await assert.rejects(driver.swapIn(file.target, plain()), { kind: 'conflict', message: /nothing was changed/ });
  const tree = await build(directory, 'a directory');
  await driver.stage(tree.target, tree.recorded, plain());
  await driver.swapIn(tree.target, plain());
  await writeFile(join(tree.target.path, 'log'), 'written by the release');
  await driver.swapBack(tree.target, plain());
  assert.equal(await tree.digest(), tree.before);
  await assert.rejects(driver.swapIn(tree.target, plain()), {
    kind: 'conflict',
    message: /written to while it was live/,
  });
});

test('a file replaced by somebody else in the middle of the swap is a conflict, both ways', async t => {
  const directory = join(await scratch(t), 'etc');
  const { target, recorded } = await build(directory, 'a file');
  await driver.stage(target, recorded, plain());
  await assert.rejects(driver.swapIn(target, dies(1, 'after')));
  await shapes['a file']?.(target.path, 'live');
  await assert.rejects(driver.swapIn(target, plain()), { kind: 'conflict', message: /half done/ });
  await assert.rejects(driver.swapBack(target, plain()), { kind: 'conflict', message: /half done/ });
});

test('what cannot be staged is said beforehand, and nothing is changed', async t => {
  const directory = join(await scratch(t), 'etc');
  const { target, recorded } = await build(directory, 'a file');
  const judged = async (from: Recorded, at = target) => {
    const evidence = await driver.canStage(at, from, look);
    assert.deepEqual((await readdir(directory)).sort(), ['app.conf', 'dir']);
    return `${evidence.verdict}: ${evidence.reason}`;
  };
  await mkdir(join(directory, 'dir'));
  assert.match(await judged(recorded), /^passed: .* needed, .* free/);
  assert.match(
    await judged(recorded, targetAt(join(directory, 'dir'))),
    /^failed: .*recorded a file or link, found a directory/,
  );
  assert.match(await judged(recorded, targetAt(join(directory, 'absent'))), /^failed: .*no such file/);
  assert.match(await judged({ ...recorded, body: { version: 2 } }), /^failed: .*cannot be read/);
  assert.match(await judged(recorded, targetAt('relative')), /^failed: .*absolute path/);
  await assert.rejects(driver.stage(targetAt(join(directory, 'dir')), recorded, plain()), { kind: 'conflict' });
});

test('a record that was damaged is not staged: the live one stands as it was', async t => {
  const directory = join(await scratch(t), 'etc');
  const { target, recorded, before, digest } = await build(directory, 'a directory');
  const body = recorded.body as { digest: string };
  const other = { ...recorded, body: { ...body, digest: 'a'.repeat(64) } };
  await assert.rejects(driver.stage(target, other, plain()), { kind: 'corrupt' });
  await assert.rejects(driver.swapIn(target, plain()), { kind: 'refused', message: /staged to its end/ });
  assert.equal(await digest(), before);
  assert.equal((await driver.drop(target, plain())).changed, true);
});

test('more than 8 MiB is refused for a record, with what to do', async t => {
  const directory = await scratch(t);
  await writeFile(join(directory, 'big'), Buffer.alloc(9 * 1024 * 1024));
  await assert.rejects(driver.record(targetAt(directory), look), {
    kind: 'refused',
    message: /more than 8\.0 MiB/,
    next: /volume target/,
  });
});

test('a link planted in the place of our own directory is a conflict, and nothing is written through it', async t => {
  const directory = join(await scratch(t), 'etc');
  const { target, recorded } = await build(directory, 'a directory');
  await mkdir(join(directory, 'elsewhere'));
  await symlink('../elsewhere', join(target.path, '.lastgood'));
  await assert.rejects(driver.stage(target, recorded, plain()), { kind: 'conflict' });
  assert.deepEqual(await readdir(join(directory, 'elsewhere')), []);
});

test('errors name the target and hold nothing of its content', async t => {
  const directory = await scratch(t);
  await writeFile(join(directory, 'secret.conf'), 'password=hunter2');
  const target = targetAt(join(directory, 'secret.conf'));
  const recorded = await driver.record(target, look);
  await link(target.path, join(directory, 'again'));
  await assert.rejects(
    driver.stage(target, { ...recorded, body: { ...(recorded.body as object), tar: 'cGFzc3dvcmQ=' } }, plain()),
    error => {
      assert.match((error as Error).message, /secret\.conf/);
      assert.doesNotMatch((error as Error).message, /hunter2|cGFzc3dvcmQ/);
      return true;
    },
  );
  await assert.rejects(driver.observe(targetAt(join(directory, 'absent')), look), {
    kind: 'missing',
    message: /absent/,
  });
  assert.equal(await readFile(target.path, 'utf8'), 'password=hunter2');
});
