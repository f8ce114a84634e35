import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parseEnvironment } from '../../src/config/environment.ts';

/** A home without any profile, so that this machine's own is not read. */
async function homeWith(t: TestContext, profiles?: string) {
  const home = await mkdtemp(join(tmpdir(), 'lastgood-home-'));
  t.after(() => rm(home, { recursive: true, force: true }));
  const file = join(home, 'temporal.toml');
  if (profiles !== undefined) await writeFile(file, profiles);
  return { HOME: home, TEMPORAL_CONFIG_FILE: file };
}

const faultsOf = (env: Record<string, string>): readonly string[] => {
  try {
    parseEnvironment(env);
  } catch (error) {
    return (error as { faults: string[] }).faults;
  }
  return [];
};

test('an empty environment has a default for everything', async t => {
  assert.deepEqual(parseEnvironment(await homeWith(t)), {
    state: '/var/lib/lastgood',
    plans: '/etc/lastgood/plans',
    key: '/var/lib/lastgood/key',
    host: 'main',
    taskQueue: 'lastgood',
    log: 'info',
    heartbeat: 10_000,
    temporal: {
      address: 'localhost:7233',
      configured: false,
      namespace: 'default',
      connection: { address: 'localhost:7233', apiKey: undefined, metadata: undefined, tls: undefined },
    },
  });
});

test('each variable is heard, and the key follows the state', async t => {
  const home = await homeWith(t);
  const found = parseEnvironment({
    ...home,
    LASTGOOD_STATE: '/s',
    LASTGOOD_PLANS: '/p',
    LASTGOOD_HOST: 'db-1',
    LASTGOOD_TASK_QUEUE: 'rollbacks',
    LASTGOOD_LOG: 'debug',
    LASTGOOD_NAMESPACE: 'ops',
    LASTGOOD_CACHE: '/c',
    LASTGOOD_TEST_DOCKER: 'unix:///x',
  });
  assert.deepEqual([found.state, found.plans, found.key], ['/s', '/p', '/s/key']);
  assert.deepEqual(
    [found.host, found.taskQueue, found.log, found.temporal.namespace],
    ['db-1', 'rollbacks', 'debug', 'ops'],
  );
  assert.equal(parseEnvironment({ ...home, LASTGOOD_KEY: '/k' }).key, '/k');
});

test('the server is named as for the temporal command: variables over profile, the own namespace over both', async t => {
  const home = await homeWith(
    t,
    '[profile.default]\naddress = "one:7233"\nnamespace = "first"\n[profile.far]\naddress = "far:7233"\napi_key = "k"\n',
  );
  const of = (env: Record<string, string>) => {
    const { address, namespace, configured, connection } = parseEnvironment({ ...home, ...env }).temporal;
    assert.equal(connection.address, address);
    return [address, namespace, configured, connection.apiKey];
  };
  assert.deepEqual(of({}), ['one:7233', 'first', true, undefined]);
  assert.deepEqual(of({ TEMPORAL_PROFILE: 'far' }), ['far:7233', 'default', true, 'k']);
  assert.deepEqual(of({ TEMPORAL_ADDRESS: 'two:7233' }), ['two:7233', 'first', true, undefined]);
  assert.deepEqual(of({ TEMPORAL_NAMESPACE: 'second' }), ['one:7233', 'second', true, undefined]);
  assert.deepEqual(of({ TEMPORAL_NAMESPACE: 'second', LASTGOOD_NAMESPACE: 'third' }), [
    'one:7233',
    'third',
    true,
    undefined,
  ]);
});

test('all faults come at once, each in one line with what was expected', async t => {
  const faults = faultsOf({
    ...(await homeWith(t)),
    LASTGOOD_STAT: '/s',
    LASTGOOD_ZZZZZZ: '1',
    LASTGOOD_PLANS: 'plans',
    LASTGOOD_KEY: '',
    LASTGOOD_HOST: 'Main',
    LASTGOOD_LOG: 'wran',
    LASTGOOD_HEARTBEAT: '100ms',
    TEMPORAL_PROFILE: 'lost',
  });
  assert.deepEqual(faults, [
    'LASTGOOD_STAT: there is no such variable, did you mean LASTGOOD_STATE?',
    'LASTGOOD_ZZZZZZ: there is no such variable',
    'LASTGOOD_PLANS: an absolute path expected, "plans" found',
    'LASTGOOD_KEY: it is empty; unset it, or give it a value',
    'LASTGOOD_HOST: 1 to 63 of a-z 0-9 . _ -, a letter or digit at both ends, expected, "Main" found',
    'LASTGOOD_LOG: one of trace, debug, info, warn, error, fatal, silent expected, "wran" found, did you mean warn?',
    'LASTGOOD_HEARTBEAT: a duration of 2s to 1m expected, as 10s, "100ms" found',
    "TEMPORAL_*: Profile 'lost' not found in config data",
  ]);
});

test('a profile that cannot be read is a fault, and what it holds is not told', async t => {
  const [fault, ...more] = faultsOf(await homeWith(t, '[profile.default]\napi_key = "hunter2\n'));
  assert.match(fault ?? '', /^TEMPORAL_\*: /);
  assert.doesNotMatch(fault ?? '', /hunter2/);
  assert.deepEqual(more, []);
});
