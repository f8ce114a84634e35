import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { parsePlan } from '../../src/plan/parse.ts';
import type { ContainerTarget } from '../../src/plan/plan.ts';
import { writePlan } from '../../testbed/n3xus/plan.ts';
import { SERVICES, TIERS } from '../../testbed/n3xus/service/directory.ts';

const platform = {
  url: 'http://127.0.0.1:41234',
  port: 41234,
  directory: '/var/tmp/n3xus',
  images: { service: { v1: '', v2: '' }, nginx: { v1: '', v2: '' }, postgres: '', redis: '' },
  subnet: '10.0.0',
  secrets: { postgres: '/var/tmp/n3xus/secrets/postgres', probeToken: '/var/tmp/n3xus/secrets/probe-token' },
};

it('the plan for a platform is the example with its places, and keeps the comments', async t => {
  const directory = await mkdtemp(join(tmpdir(), 'lastgood-plan-'));
  t.after(() => rm(directory, { recursive: true }));
  const file = join(directory, 'plan.yaml');
  writePlan({
    file,
    platform,
    socket: 'unix:///run/own.sock',
    snapshots: join(directory, 'snapshots'),
    verifyWindow: '2s',
    soak: '1s',
    budgets: { stop: { target: '5s', max: '40s' } },
    restore: ['postgres-data', 'ledger-data', 'wallet-data'],
  });
  const text = await readFile(file, 'utf8');
  assert.match(text, /# Tier 3: streaming/);
  assert.doesNotMatch(text, /127\.0\.0\.1:8080|\/run\/secrets|\/var\/run\/docker\.sock/);
  const parsed = parsePlan(text, file);
  if (!('plan' in parsed)) assert.fail(JSON.stringify(parsed.faults));
  const { plan } = parsed;
  assert.deepEqual(plan.tiers, TIERS);
  const containers = plan.targets.filter((target): target is ContainerTarget => target.kind === 'docker');
  const tiers = new Map(containers.map(({ container, tier }) => [container, tier as string | undefined]));
  for (const { name, tier } of SERVICES) assert.equal(tiers.get(name), TIERS[tier], name);
  assert.equal(tiers.size, SERVICES.length + 1);
  for (const { container, probes } of containers)
    for (const probe of probes)
      if ('port' in probe) assert.equal(probe.port, SERVICES.find(({ name }) => name === container)?.port, container);
  assert.equal(plan.budgets.stop.max, 40_000);
  assert.equal(plan.gates[0]?.observe.http, 'http://127.0.0.1:41234/health');
});
