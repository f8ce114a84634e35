import { cp, readFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { HostDrivers, Look } from '../../src/drivers/contract.ts';
import { createSecrets } from '../../src/drivers/secrets.ts';
import type { ReleaseId, RunId } from '../../src/plan/ids.ts';
import { parsePlan } from '../../src/plan/parse.ts';
import type { Plan, ProbeSpec, Target, VolumeTarget } from '../../src/plan/plan.ts';
import { createDirectorySnapshotStore } from '../../src/snapshots/directory-store.ts';
import { createDockerHosts } from '../../src/worker/docker-host.ts';
import { connectTo } from '../../testbed/docker/connect.ts';
import { containerRequests } from '../../testbed/n3xus/container-request.ts';
import { SERVICES } from '../../testbed/n3xus/service/directory.ts';
import { startContainer } from '../../testbed/n3xus/start-stop.ts';
import type { FloorOrder } from './order.ts';
import { NEXT, OUTGOING } from './order.ts';

// The floor: what a rollback of N3XUS cannot do without, issued as fast as the engine takes it. The release's
// containers are created before anything is touched; then stop, capture with lastgood's own snapshot code, rename, start,
// probe, hold still, open. Nothing is journalled, checked, read back or taken back: it is a measure, not a way to roll back.

const order = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8')) as FloorOrder;
const look: Look = { signal: new AbortController().signal, progress: () => undefined };
const engine = connectTo(order.socket);
const plan = readPlan(await readFile(order.plan, 'utf8'));
const drivers = driversOf(plan);
const began = performance.now();
const say = (what: string): void => console.log(`${((performance.now() - began) / 1000).toFixed(3)} ${what}`);

const swapped = [...SERVICES.filter(({ role }) => role !== 'postgres' && role !== 'redis').map(({ name }) => name)];
const conf = join(order.platform.directory, 'nginx');
await stage();
say('staged');
await engine.getContainer('nginx').stop();
say('ingress shut');
for (const tier of tiers().toReversed()) await Promise.all(tier.map(name => engine.getContainer(name).stop()));
say('tiers stopped');
await Promise.all([capture(), swap()]);
say('captured and swapped');
for (const tier of tiers()) await Promise.all(tier.map(startAndAwait));
say('tiers started');
await probeAll();
await delay(plan.verify.window);
await probeAll();
say('held still');
await startContainer(engine, 'nginx');
await Promise.all(plan.verify.frontDoor.map(spec => untilPassed(() => drivers.frontDoor.probeFrontDoor(spec, look))));
say('ingress open');
process.exit(0);

/** The release beside what runs: containers that were never started, and the ingress's configuration. */
async function stage(): Promise<void> {
  const { platform } = order;
  const blueprint = { ...platform, release: 'v1' as const, faults: '' };
  const requests = containerRequests(blueprint).filter(({ name }) => [...swapped, 'nginx'].includes(name!));
  await Promise.all(requests.map(request => engine.createContainer({ ...request, name: `${request.name}${NEXT}` })));
  await cp(order.conf, `${conf}${NEXT}`, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
}

async function swap(): Promise<void> {
  await Promise.all(
    [...swapped, 'nginx'].map(async name => {
      await engine.getContainer(name).rename({ name: `${name}${OUTGOING}` });
      await engine.getContainer(`${name}${NEXT}`).rename({ name });
    }),
  );
  await rm(`${conf}${OUTGOING}`, { recursive: true, force: true });
  await rename(conf, `${conf}${OUTGOING}`);
  await rename(`${conf}${NEXT}`, conf);
}

async function capture(): Promise<void> {
  const store = createDirectorySnapshotStore({ directory: order.backup });
  const run = basename(order.backup) as RunId;
  const about = { platform: plan.platform, release: 'v1' as ReleaseId, run, consistency: 'stopped' as const };
  const writer = await store.create(about);
  const driver = drivers.of('docker-volume');
  const stores = plan.targets.filter((target): target is VolumeTarget => target.kind === 'docker-volume');
  await Promise.all(stores.map(target => driver.capture?.(target, look, writer)));
  await writer.publish({ rows: {}, notes: [] });
}

async function startAndAwait(name: string): Promise<void> {
  await startContainer(engine, name);
  await Promise.all(probesOf(name).map(untilPassed));
}

async function probeAll(): Promise<void> {
  await Promise.all(SERVICES.flatMap(({ name }) => probesOf(name)).map(untilPassed));
}

function probesOf(name: string): (() => ReturnType<HostDrivers['frontDoor']['probeFrontDoor']>)[] {
  const target = plan.targets.find(one => one.kind === 'docker' && one.container === name) as Target;
  const driver = drivers.of('docker');
  return target.probes.map(spec => () => driver.probe!(target as never, spec as ProbeSpec, look));
}

async function untilPassed(ask: () => ReturnType<HostDrivers['frontDoor']['probeFrontDoor']>): Promise<void> {
  for (const end = performance.now() + 60_000; ; ) {
    const { verdict, reason } = await ask();
    if (verdict === 'passed') return;
    if (performance.now() > end) throw new Error(`not ready within a minute: ${reason}`);
    await delay(20);
  }
}

function tiers(): string[][] {
  return [0, 1, 2, 3, 4].map(tier => SERVICES.filter(service => service.tier === tier).map(({ name }) => name));
}

function readPlan(text: string): Plan {
  const parsed = parsePlan(text, order.plan);
  if ('faults' in parsed) throw new Error(`${order.plan} is no plan`);
  return parsed.plan;
}

function driversOf(plan: Plan): HostDrivers {
  const resolve = createSecrets({ environment: process.env, remember: () => undefined });
  return createDockerHosts({ fingerprint: text => text, resolve, own: async () => undefined })(plan);
}
