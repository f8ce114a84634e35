import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, it, type TestContext } from 'node:test';
import { identityOf, remakeWhereGone } from '../../src/activities/same-objects.ts';
import type { Session } from '../../src/activities/session.ts';
import { createContainerDriver } from '../../src/drivers/docker/containers.ts';
import { openJournals } from '../../src/executor/journal.ts';
import { beforeRelease } from '../../src/plan/ids.ts';
import { cutOffEverywhere, plainCall, plainLook, RUN } from '../contracts/plain-call.ts';
import { rejectsAs } from '../contracts/rejects.ts';
import { containerTarget, freshName } from '../contracts/targets.ts';
import { engineUnderTest, TEST_LABELS } from '../drivers/docker/engine-under-test.ts';
import { fingerprint, makeContainer, runContainer } from '../drivers/docker/scenes.ts';
import { ledgerAt, n3xus } from '../releases/ledger-at.ts';

const engine = engineUnderTest();
const container = (name: string) => engine().docker.getContainer(name);
const networks = [freshName('net'), freshName('net')] as const;

/** A run that found a container in two networks and recorded it; somebody has removed it since. */
async function vanished(t: TestContext) {
  const { client, docker, images } = engine();
  const driver = createContainerDriver({ client, fingerprint, roleOf: () => 'target' });
  const target = containerTarget(freshName('unit'));
  const [first, second] = networks;
  await runContainer(docker, target.container, { Image: images.a, HostConfig: { NetworkMode: first } });
  await docker.getNetwork(second).connect({ Container: target.container, EndpointConfig: { Aliases: ['cache'] } });
  const found = await driver.record(target, plainLook());
  await container(target.container).remove({ force: true });
  const { root, ledger } = await ledgerAt(t);
  await ledger.add({ platform: n3xus, id: beforeRelease(RUN), origin: 'run', by: `run ${RUN}`, targets: [found] });
  const journal = await openJournals({ directory: join(root, 'journals') }).open(n3xus, RUN);
  await journal.append({ type: 'found', states: [found.state] });
  const s = {
    deps: { ledger },
    plan: { platform: n3xus },
    run: RUN,
    objectsOf: RUN,
    runPlan: { targets: [] },
    drivers: { of: () => driver },
    journal,
    look: plainLook(),
  } as unknown as Session;
  return { s, driver, target, found };
}

describe('a container that has vanished', () => {
  before(async () => {
    for (const Name of networks) await engine().docker.createNetwork({ Name, Labels: TEST_LABELS });
  });

  it('is made again whole and known by its id, wherever the attempt that makes it is cut off', async t => {
    const cuts = await cutOffEverywhere(
      () => vanished(t),
      ({ s, target }, call) => remakeWhereGone(s, target, call),
      async ({ s, driver, target, found }, { first, second }, where) => {
        const { Id, NetworkSettings } = await container(target.container).inspect();
        assert.deepEqual(Object.keys(NetworkSettings.Networks).sort(), [...networks].sort(), where);
        const acts = [...first, ...second];
        assert.deepEqual(acts, [...new Set(acts)], `${where}: an effect acted twice`);
        const known = await identityOf(s, target.id, 'found');
        assert.equal(known, Id, where);
        // Whoever starts it as it was found asks for the very one that is known.
        await driver.start(target, plainCall(), { ...found.state, activity: 'running' }, known);
        assert.equal(await remakeWhereGone(s, target, plainCall()), '', `${where}: nothing is left to do`);
      },
    );
    assert.ok(cuts >= 2, `${cuts} acts`);
  });

  it('is not made again over a stranger that has its name, and the stranger is not taken for it', async t => {
    const { s, target, found } = await vanished(t);
    await makeContainer(engine().docker, target.container, { Image: engine().images.a });
    const call = plainCall();
    await rejectsAs('conflict', remakeWhereGone(s, target, call), 'made again by somebody');
    assert.deepEqual(call.acts, []);
    assert.equal(await identityOf(s, target.id, 'found'), found.state.identity);
  });
});
