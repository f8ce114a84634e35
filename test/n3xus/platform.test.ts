import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { askIngress } from '../../testbed/n3xus/ask-ingress.ts';
import { checkWrites } from '../../testbed/n3xus/check-writes.ts';
import { deploy } from '../../testbed/n3xus/deploy.ts';
import { askHealth } from '../../testbed/n3xus/health.ts';
import { ensurePlatformImages } from '../../testbed/n3xus/images.ts';
import { inspectAll, versions } from '../../testbed/n3xus/inspect.ts';
import { bringUp, type Platform, setFaults, tearDown } from '../../testbed/n3xus/platform.ts';
import { CLIENT_TOKEN } from '../../testbed/n3xus/releases.ts';
import { SERVICES } from '../../testbed/n3xus/service/directory.ts';
import { startTraffic } from '../../testbed/n3xus/traffic.ts';
import { poll } from '../../testbed/process/poll.ts';
import { startTestEngine, type TestEngine } from './engine.ts';

const say = (line: string) => console.log(`# ${line}`);

describe('the N3XUS platform of the testbed', { timeout: 240_000 }, () => {
  let test: TestEngine;
  let platform: Platform;

  before(async () => {
    test = await startTestEngine(say);
    const images = await ensurePlatformImages(test.engine, { say });
    const directory = join(test.directory, 'platform');
    platform = await bringUp(test.engine, { release: 'v1', images, directory, say });
  });
  after(() => test?.end());

  it('runs 26 services and an ingress, each at v1', async () => {
    const running = await versions(test.engine);
    assert.deepEqual([...running.keys()].sort(), [...SERVICES.map(({ name }) => name), 'nginx'].sort());
    for (const [name, { version, state, restarts, store }] of running) {
      assert.equal(state, 'running', name);
      assert.equal(restarts, 0, name);
      if (!store) assert.equal(version, 'v1', name);
    }
  });

  it('leaves the writable layer of every container as its image has it', async () => {
    // The engine says null for none, and the client passes that on as bytes.
    for (const name of (await inspectAll(test.engine)).keys())
      assert.equal(String(await test.engine.getContainer(name).changes()).trim(), 'null', name);
  });

  it('refuses to stand beside containers of the same names, and touches nothing', async () => {
    const before = [...(await inspectAll(test.engine)).values()].map(({ Id }) => Id);
    const again = { release: 'v1', images: platform.images, directory: join(test.directory, 'other'), say } as const;
    await assert.rejects(bringUp(test.engine, again), /the engine has .*postgres.* already: nothing was touched/);
    assert.deepEqual(
      [...(await inspectAll(test.engine)).values()].map(({ Id }) => Id),
      before,
    );
  });

  it('answers a repeated charge as the first, and refuses another amount under its id', async () => {
    const order = { id: crypto.randomUUID(), wallet: 'w', amount: 1999 };
    const charge = (body: object, token = CLIENT_TOKEN) =>
      askIngress({ url: platform.url, path: '/api/charge', token, body });
    const first = await charge(order);
    assert.equal(first.status, 200);
    assert.equal((first.body as { fee: number }).fee, 50);
    assert.deepEqual((await charge(order)).body, first.body);
    assert.equal((await charge({ ...order, amount: 5 })).status, 409);
    assert.equal((await charge({ ...order, id: 'none' })).status, 400);
    assert.equal((await charge({ ...order, id: crypto.randomUUID() }, 'wrong')).status, 401);
    const acknowledged = { ...order, fee: 50, version: 'v1', askedAt: first.at, at: first.at };
    const check = await checkWrites(test.engine, { acknowledged: new Map([[order.id, acknowledged]]) });
    assert.equal(check.whole, true, JSON.stringify(check));
    assert.equal(check.stores.postgres.rows, 1);
  });

  it('keeps every acknowledged charge once through a deploy under traffic, and never mixes versions', async () => {
    const traffic = startTraffic({ url: platform.url, rate: 60 });
    const { record } = traffic;
    await poll({ what: '20 charges at v1', deadlineMs: 20_000 }, () => record.acknowledged.size >= 20);
    const before = await inspectAll(test.engine);
    let states: string[] = [];
    await deploy(test.engine, platform, {
      to: 'v2',
      say,
      whileStopped: async () => {
        states = [...(await inspectAll(test.engine)).values()].map(({ State }) => State.Status);
      },
    });
    assert.deepEqual(new Set(states), new Set(['exited']), 'everything is stopped when the stores are captured');
    const deployed = Date.now();
    const atV2 = () => [...record.acknowledged.values()].filter(({ version }) => version === 'v2').length;
    await poll({ what: '20 charges at v2', deadlineMs: 20_000 }, () => atV2() >= 20);
    await traffic.stop();

    assert.deepEqual(record.mixedAnswers(), []);
    assert.deepEqual(
      record.versionsOverTime().map(({ version }) => version),
      ['v1', 'v2'],
    );
    assert.ok(
      record.answers.some(({ error }) => error === 'ECONNREFUSED'),
      'the ingress was shut meanwhile',
    );
    assert.equal(record.errorRate(deployed), 0);
    const check = await checkWrites(test.engine, record);
    assert.equal(check.whole, true, JSON.stringify(check));
    assert.equal(check.checked, record.acknowledged.size);

    const now = await inspectAll(test.engine);
    for (const [name, { Id, Image }] of before) {
      const store = name === 'postgres' || name === 'redis';
      assert.equal(now.get(name)?.Id === Id, store, `${name}: only stores stay the same container`);
      assert.equal(now.get(name)?.Image === Image, store, `${name}: only stores keep their image`);
    }
    assert.match(readFileSync(join(platform.directory, 'nginx/nginx.conf'), 'utf8'), /release v2/);
  });

  it('shows the damage of a bad release: no fee, auth errors, loops, a service that does not start', async () => {
    const faults = 'no-fee,auth-errors,restart-loop@rewards-ms,no-start@license-service';
    await deploy(test.engine, platform, { to: 'v2', faults, say });
    const since = Date.now();
    const traffic = startTraffic({ url: platform.url, rate: 60 });
    await poll({ what: '20 charges without a fee', deadlineMs: 20_000 }, () => traffic.record.acknowledged.size >= 20);
    const asked = () => traffic.record.answers.filter(({ path }) => path === '/api/auth/health').length;
    await poll({ what: '16 answers of the auth check', deadlineMs: 60_000 }, () => asked() >= 16);
    await poll({ what: 'restarts', deadlineMs: 60_000, everyMs: 200 }, async () => {
      const now = await versions(test.engine);
      return now.get('rewards-ms')!.restarts > 3 && now.get('license-service')!.restarts > 3;
    });
    const record = await traffic.stop();
    assert.deepEqual(new Set([...record.acknowledged.values()].map(({ fee }) => fee)), new Set([0]));
    const ledger = await askHealth(platform, 'ledger-mgr');
    assert.deepEqual(ledger.body['fee'], { enforced: false, bps: 250 });
    assert.ok(record.errorRate(since, '/api/auth/health') > 0.1, `${record.errorRate(since, '/api/auth/health')}`);
    // Its name may be looked for longer than is waited for an answer.
    await poll({ what: 'the ingress to say that nobody answers behind it', deadlineMs: 30_000 }, async () =>
      [502, 504].includes((await askHealth(platform, 'license-service')).status),
    );
    assert.equal((await checkWrites(test.engine, record)).whole, true, 'what it acknowledges it still keeps');
  });

  it('finds rows that a corrupting release altered, and only after it began', async () => {
    await deploy(test.engine, platform, { to: 'v2', say });
    const traffic = startTraffic({ url: platform.url, rate: 60 });
    await poll({ what: '20 charges', deadlineMs: 20_000 }, () => traffic.record.acknowledged.size >= 20);
    const record = await traffic.stop();
    assert.equal((await checkWrites(test.engine, record)).altered, 0);
    setFaults(platform, 'corrupt-rows');
    await poll({ what: 'altered rows in both stores', deadlineMs: 60_000, everyMs: 500 }, async () => {
      const { stores } = await checkWrites(test.engine, record);
      return stores.postgres.altered.length > 0 && stores.walletJournal.altered.length > 0;
    });
    setFaults(platform, '');
    const check = await checkWrites(test.engine, record);
    assert.equal(check.whole, false);
    assert.equal(check.stores.ledgerJournal.altered.length, 0, 'the ledger journal is left to prove it');
    assert.equal(check.missing + check.doubled, 0);
  });

  it('is removed whole, with its data, and nothing that is not its own', async () => {
    const other = await test.engine.createVolume({ Name: 'somebody-elses' });
    await tearDown(test.engine);
    assert.equal((await inspectAll(test.engine)).size, 0);
    const { Volumes } = await test.engine.listVolumes();
    assert.deepEqual(
      Volumes.map(({ Name }) => Name).filter(name => name.endsWith('-data')),
      [],
    );
    assert.ok(Volumes.some(({ Name }) => Name === 'somebody-elses'));
    await other.remove();
  });
});
