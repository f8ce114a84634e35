import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { it } from 'node:test';
import { parse } from 'yaml';
import { DYNAMIC_CONFIG, SEARCH_ATTRIBUTES } from '../../../testbed/temporal/flags.ts';
import { TEMPORAL_VERSION } from '../../../testbed/temporal/version.ts';

const read = (path: string): Promise<string> => readFile(new URL(`../../../${path}`, import.meta.url), 'utf8');
const { services } = parse(await read('docker-compose.temporal.yml'), { merge: true });

it('the container of the small profile has the flags of the server that the testbed starts', () => {
  const { image, command } = services['temporal-small'];
  assert.equal(image, `temporalio/temporal:${TEMPORAL_VERSION}`);
  for (const [name, type] of Object.entries(SEARCH_ATTRIBUTES))
    assert.equal(command.includes(`--search-attribute=${name}=${type}`), true, name);
  for (const [name, value] of Object.entries(DYNAMIC_CONFIG))
    assert.equal(command.includes(`--dynamic-config-value=${name}=${value}`), true, name);
});

it('the self-hosted server has the same settings and search attributes', async () => {
  const settings = parse(await read('deploy/temporal/dynamic-config.yaml'));
  assert.deepEqual(
    settings,
    Object.fromEntries(Object.entries(DYNAMIC_CONFIG).map(([name, value]) => [name, [{ value }]])),
  );
  const pairs = (await read('deploy/temporal/set-up-namespace.sh')).match(/Lastgood\w+:\w+/g);
  assert.deepEqual(
    pairs,
    Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => `${name}:${type}`),
  );
});

it('nothing listens but on the loopback address, and the database on none', () => {
  for (const [name, { ports = [] }] of Object.entries(services) as [string, { ports?: string[] }][])
    for (const port of ports) assert.match(port, /^127\.0\.0\.1:(\d+|\$\{TEMPORAL_(UI_)?PORT:-\d+\}):\d+$/, name);
  assert.equal(services.postgresql.ports, undefined);
});

it('every part that stays is restarted and watched, and every image has a version', () => {
  for (const [name, service] of Object.entries(services) as [string, Record<string, unknown>][]) {
    assert.match(String(service['image']), /:\d/, name);
    assert.equal((service['profiles'] as string[]).length, 1, name);
    if (service['restart'] === 'unless-stopped') assert.notEqual(service['healthcheck'], undefined, name);
    else assert.equal(service['restart'], 'on-failure:5', name);
  }
});
