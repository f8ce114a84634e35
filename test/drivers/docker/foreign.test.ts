import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createContainerDriver } from '../../../src/drivers/docker/containers.ts';
import { createSurroundings } from '../../../src/drivers/docker/surroundings.ts';
import { outgoingName, stagedName } from '../../../src/plan/ids.ts';
import type { TargetState } from '../../../src/plan/run-plan.ts';
import { plainCall, plainLook, RUN } from '../../contracts/plain-call.ts';
import { rejectsAs } from '../../contracts/rejects.ts';
import { containerTarget, freshName } from '../../contracts/targets.ts';
import { engineUnderTest } from './engine-under-test.ts';
import { fingerprint, makeContainer, runContainer } from './scenes.ts';

const engine = engineUnderTest();
const driver = () => createContainerDriver({ client: engine().client, fingerprint, roleOf: () => 'target' });
const container = (name: string) => engine().docker.getContainer(name);

/** Version A runs, release B is recorded and staged, and what was found is on record. */
async function staged() {
  const { docker, images } = engine();
  const target = containerTarget(freshName('unit'), { acceptChanges: true });
  const id = await makeContainer(docker, target.container, { Image: images.b });
  const release = await driver().record(target, plainLook());
  await docker.getContainer(id).remove();
  await runContainer(docker, target.container, { Image: images.a, Env: ['MODE=now'] });
  const found = await driver().record(target, plainLook());
  const { identity } = await driver().stage(target, release, plainCall());
  return { target, release, found, identity };
}

async function swapped() {
  const scene = await staged();
  await driver().stop(scene.target, plainCall(), true);
  await driver().swapIn(scene.target, plainCall());
  return scene;
}

const look = async (target: Awaited<ReturnType<typeof staged>>['target']) => {
  const { version, settings } = await driver().observe(target, plainLook());
  return { version, settings };
};

describe('a container under somebody else’s hand', () => {
  it('is known by its id, and one that has its name is neither stopped nor started', async () => {
    const { target, found } = await staged();
    const { identity } = found.state;
    await container(target.container).remove({ force: true });
    const theirs = { Image: engine().images.a, HostConfig: { RestartPolicy: { Name: 'always' } } };
    await runContainer(engine().docker, target.container, theirs);
    await rejectsAs('conflict', driver().stop(target, plainCall(), true, identity), 'made again by somebody');
    const { State, HostConfig } = await container(target.container).inspect();
    assert.deepEqual([State.Running, HostConfig.RestartPolicy?.Name], [true, 'always']);
    await container(target.container).stop({ t: 1 });
    const as: TargetState = { ...found.state, activity: 'running' };
    await rejectsAs('conflict', driver().start(target, plainCall(), as, identity), 'made again by somebody');
    await rejectsAs('conflict', driver().swapIn(target, plainCall()), 'made again by somebody');
    assert.equal((await container(target.container).inspect()).State.Running, false);
  });

  it('is named when it was renamed, and is made again by nobody', async () => {
    const { target, found } = await staged();
    const theirs = freshName('theirs');
    await container(target.container).rename({ name: theirs });
    const stop = driver().stop(target, plainCall(), true, found.state.identity);
    await rejectsAs('conflict', stop, `renamed to ${theirs}`);
    await rejectsAs('conflict', driver().remake?.(target, found, plainCall()) ?? Promise.resolve(), 'renamed');
  });

  it('is told from what was staged by having been started, changed, replaced or removed', async () => {
    const hands: readonly [RegExp, (name: string) => Promise<unknown>][] = [
      [/started by somebody/, name => container(name).start()],
      [/settings/, name => container(name).update({ CpuShares: 333 })],
      [/policy always/, name => container(name).update({ RestartPolicy: { Name: 'always' } })],
      [/is gone/, name => container(name).remove()],
    ];
    for (const [says, lay] of hands) {
      const { target, release } = await staged();
      const check = () => driver().checkStaged?.(target, RUN, release.state, plainLook());
      assert.equal((await check())?.verdict, 'passed', (await check())?.reason);
      await lay(stagedName(target.container, RUN));
      const found = await check();
      assert.equal(found?.verdict, 'failed');
      assert.match(found?.reason ?? '', says);
    }
  });

  it('is not swapped in once somebody has started it', async () => {
    const { target } = await staged();
    await driver().stop(target, plainCall(), true);
    await container(stagedName(target.container, RUN)).start();
    await rejectsAs('conflict', driver().swapIn(target, plainCall()), 'was started by somebody');
  });

  it('is in the way when what was set aside runs, or would with the engine’s next start', async () => {
    const { target } = await swapped();
    const name = outgoingName(target.container, RUN);
    const check = async () => (await driver().checkKept?.(target, RUN, plainLook()))?.verdict;
    assert.equal(await check(), 'passed');
    await container(name).update({ RestartPolicy: { Name: 'always' } });
    assert.equal(await check(), 'failed');
    await container(name).update({ RestartPolicy: { Name: 'no' } });
    await container(name).start();
    assert.equal(await check(), 'failed');
    await container(name).remove({ force: true });
    assert.equal(await check(), 'inconclusive');
  });
});

describe('an undo copy that has vanished', () => {
  it('is made again from its record, once, as it was', async () => {
    const { target, found } = await swapped();
    const before = { version: found.state.version, settings: found.state.settings };
    await container(outgoingName(target.container, RUN)).remove();
    await driver().swapBack(target, plainCall(), found.state.identity);
    await rejectsAs('missing', driver().observe(target, plainLook()));
    const made = await driver().remake?.(target, found, plainCall());
    assert.equal(made?.changed, true);
    assert.deepEqual(await look(target), before);
    assert.equal((await container(target.container).inspect()).State.Status, 'created');
    assert.equal((await driver().remake?.(target, found, plainCall()))?.changed, false);
    assert.equal((await driver().swapBack(target, plainCall(), found.state.identity)).changed, false);
    assert.equal((await driver().drop(target, plainCall())).changed, true, 'the release’s container was taken out');
  });

  it('is made again when the one that was live, and never swapped, was removed', async () => {
    const { target, found } = await staged();
    await container(target.container).remove({ force: true });
    await driver().swapBack(target, plainCall(), found.state.identity);
    assert.equal((await driver().remake?.(target, found, plainCall()))?.changed, true);
    assert.deepEqual(await look(target), { version: found.state.version, settings: found.state.settings });
  });

  it('is not made again over somebody else’s container', async () => {
    const { target, found } = await swapped();
    await container(outgoingName(target.container, RUN)).remove();
    await container(target.container).remove();
    await makeContainer(engine().docker, target.container, { Image: engine().images.a });
    await rejectsAs('conflict', driver().swapBack(target, plainCall(), found.state.identity), 'made again by somebody');
    await rejectsAs('conflict', driver().remake?.(target, found, plainCall()) ?? Promise.resolve(), 'made again');
  });
});

it('names the program that somebody started inside a container, and neither its arguments nor a health check', async () => {
  const name = freshName('visited');
  const health = { Test: ['CMD-SHELL', 'sleep 100'], Interval: 1e9, Timeout: 60e9 };
  await runContainer(engine().docker, name, { Image: engine().images.a, Healthcheck: health });
  const plan = { targets: [containerTarget(name)], gates: [], accept: { containers: [] } };
  const surroundings = createSurroundings({ client: engine().client, plan });
  const visitors = async () => surroundings.findVisitors?.(plainLook());
  assert.deepEqual(await visitors(), []);
  const exec = await container(name).exec({ Cmd: ['sleep', '77'] });
  (await exec.start({ Detach: true })).destroy();
  assert.deepEqual(await visitors(), [`sleep in ${name}`]);
});
