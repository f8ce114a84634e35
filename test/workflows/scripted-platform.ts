import { createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { Worker } from '@temporalio/worker';
import type { Deps } from '../../src/activities/deps.ts';
import { createHostActivities, createOfficeActivities } from '../../src/activities/index.ts';
import { createScriptedHost } from '../../src/drivers/scripted/host.ts';
import { World } from '../../src/drivers/scripted/world.ts';
import { createExecutor } from '../../src/executor/executor.ts';
import { openJournals } from '../../src/executor/journal.ts';
import type { Channel, Message } from '../../src/notify/channel.ts';
import { formatFault } from '../../src/plan/faults.ts';
import type { PlatformName, ReleaseId } from '../../src/plan/ids.ts';
import { parsePlan } from '../../src/plan/parse.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { RollbackRequest } from '../../src/plan/rollback-request.ts';
import { createFileLedger } from '../../src/releases/file-ledger.ts';
import { createDirectorySnapshotStore } from '../../src/snapshots/directory-store.ts';
import { findBundle } from '../../src/worker/bundle.ts';
import { createFileRunStore } from '../../src/worker/file-run-store.ts';
import { hostQueue } from '../../src/workflows/messages.ts';
import type { TestTemporal } from '../support/temporal.ts';

export const V1 = 'v1' as ReleaseId;

/** A scripted platform on a real Temporal server: real workflows, activities, executor, journal, ledger and snapshots. */
export interface ScriptedPlatform {
  readonly name: PlatformName;
  readonly world: World;
  readonly deps: Deps;
  readonly directory: string;
  /** What the channel `oncall` was told. */
  readonly told: Message[];
  request(change?: Partial<RollbackRequest>): RollbackRequest;
}

export interface ScriptedOptions {
  /** YAML laid over the plan's end. */
  readonly plan?: string;
  readonly approvals?: number;
}

/** Three services in two tiers, one store, one configuration file, one gate; v1 is recorded and good, v2 runs. */
export async function createScriptedPlatform(options: ScriptedOptions = {}): Promise<ScriptedPlatform> {
  const name = `p${randomUUID().slice(0, 8)}` as PlatformName;
  const directory = await mkdtemp(join(tmpdir(), 'lg-scripted-'));
  after(() => rm(directory, { recursive: true, force: true }));
  const world = new World(`engine-${name}`);
  const plan = parse(planText(name, directory, options));
  const told: Message[] = [];
  const oncall: Channel = { name: 'oncall', send: async message => void told.push(message) };
  const journals = openJournals({ directory: join(directory, 'journals') });
  const deps: Deps = {
    plans: { read: async platform => (platform === name ? { plan } : { faults: [`no plan of ${platform}`] }) },
    drivers: () => createScriptedHost(world),
    executor: createExecutor({ journals }),
    journals,
    runs: createFileRunStore(directory),
    ledger: createFileLedger({
      directory: join(directory, 'releases'),
      key: createSecretKey(randomBytes(32)),
      now: () => new Date(),
    }),
    snapshots: () => createDirectorySnapshotStore({ directory: join(directory, 'snapshots') }),
    channels: () => [oncall],
    now: () => new Date(),
  };
  populate(world, 'v1');
  await recordGood(deps, plan, world);
  populate(world, 'v2');
  return {
    name,
    world,
    deps,
    directory,
    told,
    request: change => ({
      platform: name,
      severity: 'P0',
      mode: 'manual',
      reason: 'the release is bad',
      requester: 'test',
      ...change,
    }),
  };
}

function populate(world: World, version: string): void {
  for (const [name, volumes] of [
    ['db', ['data']],
    ['api', []],
    ['web', []],
    ['gate', []],
  ] as const) {
    const store = name === 'db';
    world.containers.set(name, {
      id: world.nextId(),
      version: store ? 'pg15' : version,
      settings: store ? 'store' : `settings of ${version}`,
      policy: 'always',
      activity: 'running',
      restarts: 0,
      volumes,
    });
  }
  if (!world.volumes.has('data'))
    world.volumes.set('data', { live: { version: 'data', rows: 100 }, staged: new Map(), outgoing: new Map() });
  world.files.set('/etc/web', { live: version, staged: new Map(), outgoing: new Map() });
}

async function recordGood(deps: Deps, plan: Plan, world: World): Promise<void> {
  const look = { signal: new AbortController().signal, progress: () => undefined };
  const host = createScriptedHost(world);
  const targets = await Promise.all(plan.targets.map(target => host.of(target.kind).record(target as never, look)));
  await deps.ledger.add({ platform: plan.platform, id: V1, origin: 'record', by: 'test', targets });
  await deps.ledger.promote(plan.platform, V1, {
    at: new Date().toISOString(),
    by: 'test',
    reason: 'soaked',
    samples: [],
  });
}

function parse(text: string): Plan {
  const parsed = parsePlan(text, 'plan.yaml');
  if ('faults' in parsed) throw new Error(parsed.faults.map(formatFault).join('\n'));
  return parsed.plan;
}

const planText = (name: string, directory: string, { plan = '', approvals = 0 }: ScriptedOptions): string => `
version: 1
platform: ${name}
hosts:
  main: {}
tiers: [stores, services]
targets:
  db: { tier: stores, docker: db, probes: [{ tcp: 5432, within: 5s }] }
  api: { tier: services, docker: api, probes: [{ http: /health, port: 80, within: 5s }] }
  web: { tier: services, docker: web, probes: [{ http: /health, port: 80, within: 5s }] }
  gate: { docker: gate }
  data: { docker-volume: data, data: keep, count: { lines: rows.log } }
  web-conf: { files: /etc/web, used-by: [web] }
gates:
  ingress: { docker: gate, by: stop, observe: { http: "http://127.0.0.1:1/", shut: refused } }
release: { soak: 1s, keep: 3 }
snapshots: { store: ${directory}/snapshots }
channels:
  oncall: { log: true }
escalation:
  - { level: 1, tell: [oncall], acknowledge-within: 1s }
policy:
  P0: { approvals: ${approvals}, by: [anyone], within: 2s, silence: refuse }
verify:
  window: 1s
  front-door: [{ http: "http://127.0.0.1:1/health" }]
aftercare: { for: 1s, every: 1s }
${plan}
`;

/** Each platform has queues of its own, so that test files can share a server. */
export const queueOf = (platform: Pick<ScriptedPlatform, 'name'>): string => `lastgood-${platform.name}`;

/** Serves a platform in this process until the returned function is called. */
export async function serve(
  temporal: TestTemporal,
  platform: ScriptedPlatform,
  options: { cached?: number } = {},
): Promise<() => Promise<void>> {
  const codePath = await findBundle(join(tmpdir(), 'lastgood-test-bundle'));
  const common = {
    connection: temporal.native,
    maxHeartbeatThrottleInterval: 200,
    defaultHeartbeatThrottleInterval: 200,
    ...(options.cached === undefined ? {} : { maxCachedWorkflows: options.cached }),
  };
  const office = await Worker.create({
    ...common,
    taskQueue: queueOf(platform),
    workflowBundle: { codePath },
    activities: createOfficeActivities(platform.deps),
  });
  const host = await Worker.create({
    ...common,
    taskQueue: hostQueue('main', queueOf(platform)),
    activities: createHostActivities(platform.deps),
  });
  const running = Promise.all([office.run(), host.run()]);
  return async () => {
    office.shutdown();
    host.shutdown();
    await running;
  };
}
