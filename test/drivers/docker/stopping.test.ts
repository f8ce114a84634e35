import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type Docker from 'dockerode';
import { createContainerDriver } from '../../../src/drivers/docker/containers.ts';
import { seconds } from '../../../src/plan/duration.ts';
import type { ContainerTarget } from '../../../src/plan/plan.ts';
import { poll } from '../../../testbed/process/poll.ts';
import { lessStart } from '../../contracts/less-start.ts';
import { plainCall, plainLook } from '../../contracts/plain-call.ts';
import { rejectsAs } from '../../contracts/rejects.ts';
import { containerTarget, freshName } from '../../contracts/targets.ts';
import { engineUnderTest, TEST_LABELS } from './engine-under-test.ts';
import { fingerprint, makeContainer, runContainer, runHeeding } from './scenes.ts';

const engine = engineUnderTest();
const driver = () => createContainerDriver({ client: engine().client, fingerprint, roleOf: () => 'target' });
const observe = (target: ContainerTarget) => driver().observe(target, plainLook());
const inspect = (target: ContainerTarget) => engine().docker.getContainer(target.container).inspect();

type Body = Docker.ContainerCreateOptions;
async function run(body: Body, more: Partial<ContainerTarget> = {}, make = runHeeding) {
  const target = containerTarget(freshName('unit'), more);
  await make(engine().docker, target.container, { Image: engine().images.a, ...body });
  return target;
}
/** Says which signal it got, by its exit code. The last that it heeds is the one that is waited for. */
const telling = [
  'sh',
  '-c',
  "trap 'exit 21' INT; trap 'exit 23' QUIT; trap 'exit 22' TERM; while :; do sleep 0.1; done",
];
const ALWAYS = { HostConfig: { RestartPolicy: { Name: 'always' } } };

describe('stopping a container', () => {
  it("sends the container's own stop signal, unless the plan names one", async () => {
    for (const [own, asked, exit] of [
      ['SIGQUIT', undefined, 23],
      ['SIGQUIT', 'SIGINT', 21],
      [undefined, undefined, 22],
    ] as const) {
      const signal = asked === undefined ? {} : { signal: asked };
      const target = await run(
        { Cmd: telling, ...(own === undefined ? {} : { StopSignal: own }) },
        { stop: { grace: seconds(10), ...signal } },
      );
      await driver().stop(target, plainCall(), false);
      assert.equal((await inspect(target)).State.ExitCode, exit, `${own} ${asked}`);
    }
  });

  it('stops one that loops, for good, and lets it loop again as it was found', async () => {
    const target = await run({ Cmd: ['false'], ...ALWAYS }, {}, runContainer);
    await poll(
      { what: 'it to loop', deadlineMs: 20_000, everyMs: 20 },
      async () => (await observe(target)).activity === 'looping',
    );
    const found = await observe(target);
    assert.ok((found.restarts ?? 0) > 0);
    await driver().stop(target, plainCall(), false);
    const down = await observe(target);
    assert.deepEqual([down.activity, down.restartPolicy], ['exited', 'no']);
    assert.equal((await driver().start(target, plainCall(), found)).changed, true);
    await poll(
      { what: 'it to loop again', deadlineMs: 20_000, everyMs: 20 },
      async () => (await observe(target)).activity === 'looping',
    );
    assert.equal((await observe(target)).restartPolicy, 'always');
    await driver().stop(target, plainCall(), false);
  });

  it('stops one that is paused, and starts it paused', async () => {
    const target = await run({ Cmd: telling, ...ALWAYS });
    await engine().docker.getContainer(target.container).pause();
    const found = await observe(target);
    assert.equal(found.activity, 'paused');
    await driver().stop(target, plainCall(), false);
    assert.equal((await observe(target)).activity, 'exited');
    await driver().start(target, plainCall(), found);
    assert.deepEqual(lessStart(await observe(target)), lessStart(found));
  });

  it('sets the policy aside of one that is down already', async () => {
    const target = await run(ALWAYS);
    await engine().docker.getContainer(target.container).stop({ t: 0 });
    const call = plainCall();
    await driver().stop(target, call, false);
    assert.deepEqual(call.acts, ['policy-aside']);
  });

  it('sees the end of what was told to stop through a cancellation, and kills nothing after it', async () => {
    const target = await run(
      { Cmd: ['sh', '-c', "trap '' TERM; while :; do sleep 0.1; done"] },
      { stop: { grace: seconds(2) } },
    );
    const cancel = new AbortController();
    const call = plainCall({ signal: cancel.signal });
    const stopping = driver().stop(target, { ...call, effect: call.effect, progress: () => cancel.abort() }, true);
    await assert.rejects(stopping);
    assert.deepEqual(call.acts, ['stop']);
    assert.equal((await observe(target)).activity, 'running');
  });
});

describe('starting a container', () => {
  it("returns when one ended as soon as it was started, for that is verification's to judge", async () => {
    const target = containerTarget(freshName('short'));
    await makeContainer(engine().docker, target.container, { Image: engine().images.a, Cmd: ['false'] });
    const as = { ...(await observe(target)), activity: 'running' as const, restartPolicy: 'no' };
    assert.equal((await driver().start(target, plainCall(), as)).changed, true);
    await poll(
      { what: 'it to end', deadlineMs: 10_000, everyMs: 20 },
      async () => (await observe(target)).activity === 'exited',
    );
  });

  it('says what the engine said when it will not start', async () => {
    const target = containerTarget(freshName('broken'));
    await makeContainer(engine().docker, target.container, { Image: engine().images.a, Cmd: ['/no/such/program'] });
    const as = { ...(await observe(target)), activity: 'running' as const };
    await rejectsAs('refused', driver().start(target, plainCall(), as), target.container);
  });

  it('shows no option of a mount that the engine quotes', async () => {
    const { docker, images } = engine();
    const Name = freshName('volume');
    const DriverOpts = { type: 'tmpfs', device: 'tmpfs', o: 'size=1m,password=canary' };
    await docker.createVolume({ Name, DriverOpts, Labels: TEST_LABELS });
    const target = containerTarget(freshName('mounting'));
    // Else it would be mounted already when it is made, to copy into it what the image has there.
    const HostConfig = { Binds: [`${Name}:/data:nocopy`] };
    await makeContainer(docker, target.container, { Image: images.a, HostConfig });
    const as = { ...(await observe(target)), activity: 'running' as const };
    const started = driver().start(target, plainCall(), as);
    await assert.rejects(
      started,
      (error: Error) => /data left out/.test(error.message) && !/canary/.test(error.message),
    );
  });

  it('keeps a policy with its count', async () => {
    const target = await run({ HostConfig: { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } } });
    const found = await observe(target);
    assert.equal(found.restartPolicy, 'on-failure:3');
    await driver().stop(target, plainCall(), true);
    await driver().start(target, plainCall(), found);
    assert.equal((await observe(target)).restartPolicy, 'on-failure:3');
  });
});
