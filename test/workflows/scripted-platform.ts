import { createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { Worker } from '@temporalio/worker';
import type { Deps } from '../../src/activities/deps.ts';
import { createHostActivities, createOfficeActivities } from '../../src/activities/index.ts';
import type { DriverError } from '../../src/drivers/errors.ts';
import { createScriptedHost } from '../../src/drivers/scripted/host.ts';
import { World } from '../../src/drivers/scripted/world.ts';
import { createExecutor } from '../../src/executor/executor.ts';
import { openJournals } from '../../src/executor/journal.ts';
import { openJournalFile } from '../../src/executor/journal-file.ts';
import type { Channel, Message } from '../../src/notify/channel.ts';
import { formatFault } from '../../src/plan/faults.ts';
import type { PlatformName, ReleaseId, RunId, TargetId } from '../../src/plan/ids.ts';
import { parsePlan } from '../../src/plan/parse.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { RollbackRequest } from '../../src/plan/rollback-request.ts';
import { createFileLedger } from '../../src/releases/file-ledger.ts';
import { createDirectorySnapshotStore } from '../../src/snapshots/directory-store.ts';
import { findBundle } from '../../src/worker/bundle.ts';
import { createFileRunStore } from '../../src/worker/file-run-store.ts';
import { hostQueue } from '../../src/workflows/messages.ts';
import type { TestTemporal } from '../support/temporal.ts';
import { beginLife, type Life, mortalFile, mortalWorld } from './life.ts';

export const V1 = 'v1' as ReleaseId;

/** A secret in every container's settings and in the configuration file: no text may ever hold it. */
export const CANARIES = ['canary/5f3c9a71+never-print', 'conf:canary/77ab+never-print'];

/** A scripted platform on a real Temporal server: real workflows, activities, executor, journal, ledger and snapshots. */
export interface ScriptedPlatform {
  readonly name: PlatformName;
  readonly plan: Plan;
  /** Its workflows' queue. */
  readonly queue: string;
  readonly world: World;
  readonly directory: string;
  /** What the channels were told, and when. */
  readonly told: (Message & { readonly at: string })[];
  /** Of each channel that is down: what it answers. */
  readonly down: Map<string, DriverError>;
  /** What a worker process would open: anew for each life, from the same disk. */
  depsFor(life: Life): Deps;
  request(change?: Partial<RollbackRequest>): RollbackRequest;
}

export interface ScriptedOptions {
  /** YAML lines that replace those of the same key in the plan, or are laid over its end. */
  readonly plan?: string;
  readonly approvals?: number;
  readonly data?: 'keep' | 'restore';
  /** Something else about the platform before v2 is deployed over v1. */
  readonly before?: (world: World) => void;
  /** Absent: a queue of its own, so that test files can share a server. */
  readonly queue?: string;
}

/** Three services in two tiers, one store, one configuration file, one gate; v1 is recorded and good, v2 runs. */
export async function createScriptedPlatform(options: ScriptedOptions = {}): Promise<ScriptedPlatform> {
  const name = `p${randomUUID().slice(0, 8)}` as PlatformName;
  const directory = await mkdtemp(join(tmpdir(), 'lg-scripted-'));
  after(() => rm(directory, { recursive: true, force: true }));
  const world = new World(`engine-${name}`);
  const plan = parse(planText(name, directory, options));
  const told: (Message & { at: string })[] = [];
  const down = new Map<string, DriverError>();
  const channels: Channel[] = plan.channels.map(channel => ({
    name: channel.name,
    send: async message => {
      const failure = down.get(channel.name);
      if (failure !== undefined) throw failure;
      told.push({ ...message, at: new Date().toISOString() });
    },
  }));
  const key = createSecretKey(randomBytes(32));
  const depsFor = (life: Life): Deps => {
    const journals = openJournals({
      directory: join(directory, 'journals'),
      openFile: async path => mortalFile(await openJournalFile(path), life),
    });
    const drivers = createScriptedHost(mortalWorld(world, life));
    return {
      plans: { read: async platform => (platform === name ? { plan } : { faults: [`no plan of ${platform}`] }) },
      drivers: () => drivers,
      executor: createExecutor({ journals }),
      journals,
      runs: createFileRunStore(directory),
      ledger: createFileLedger({ directory: join(directory, 'releases'), key, now: () => new Date() }),
      snapshots: () => createDirectorySnapshotStore({ directory: join(directory, 'snapshots') }),
      channels: () => channels,
      now: () => new Date(),
    };
  };
  populate(world, 'v1');
  options.before?.(world);
  const deps = depsFor(beginLife());
  await recordGood(deps, plan, world);
  if (options.data === 'restore') await capture(deps, plan);
  populate(world, 'v2');
  return {
    name,
    plan,
    queue: options.queue ?? `lastgood-${name}`,
    world,
    directory,
    told,
    down,
    depsFor,
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

/** The capture that a deploy would have taken, of the rows there are now. */
async function capture(deps: Deps, plan: Plan): Promise<void> {
  const writer = await deps
    .snapshots(plan)
    .create({ platform: plan.platform, release: V1, run: 'deploy' as RunId, consistency: 'stopped' });
  const signal = new AbortController().signal;
  const stores = plan.targets.filter(target => target.kind === 'docker-volume');
  const tree = async function* () {
    yield Buffer.from(JSON.stringify({ version: 'captured', rows: 90 }));
  };
  for (const store of stores) await writer.write(store.id, tree(), { signal, progress: () => undefined });
  const rows = Object.fromEntries(stores.map(store => [store.id, 90])) as Record<TargetId, number>;
  const { id } = await writer.publish({ rows, notes: [] });
  await deps.ledger.attach(plan.platform, V1, id);
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
      version: store ? 'pg15' : name === 'gate' ? `nginx of ${version}` : version,
      settings: store ? 'store' : `settings of ${version}`,
      policy: 'always',
      activity: 'running',
      restarts: 0,
      volumes,
      secret: CANARIES[0]!,
    });
  }
  if (!world.volumes.has('data'))
    world.volumes.set('data', { live: { version: 'data', rows: 100 }, staged: new Map(), outgoing: new Map() });
  const live = `${version} ${CANARIES[1]}`;
  world.files.set('/etc/web', { live, staged: new Map(), outgoing: new Map() });
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

/** Budgets short enough to run out in a test, long enough for two busy cores. */
const planText = (name: string, directory: string, options: ScriptedOptions): string => {
  const { plan = '', approvals = 0, data = 'keep' } = options;
  const own = new Set([...plan.matchAll(/^([a-z-]+):/gm)].map(match => match[1]));
  const base = {
    version: '1',
    platform: name,
    hosts: '{ main: {} }',
    tiers: '[stores, services]',
    targets: `
  db: { tier: stores, docker: db, probes: [{ tcp: 5432, within: 5s }] }
  api: { tier: services, docker: api, probes: [{ http: /health, port: 80, within: 5s }] }
  web: { tier: services, docker: web, probes: [{ http: /health, port: 80, within: 5s }] }
  gate: { docker: gate }
  data: { docker-volume: data, data: ${data}, count: { lines: rows.log } }
  web-conf: { files: /etc/web, used-by: [web] }`,
    gates: '{ ingress: { docker: gate, by: stop, observe: { http: "http://127.0.0.1:1/", shut: refused } } }',
    release: '{ soak: 1s, keep: 3 }',
    snapshots: `{ store: ${directory}/snapshots }`,
    channels: '{ oncall: { log: true }, lead: { log: true } }',
    escalation: `
  - { level: 1, tell: [oncall], acknowledge-within: 1s }
  - { level: 2, tell: [lead], acknowledge-within: 1s }`,
    policy: `{ P0: { approvals: ${approvals}, by: [anyone], within: 30s, silence: refuse } }`,
    verify: '{ window: 200ms, front-door: [{ http: "http://127.0.0.1:1/health" }] }',
    aftercare: '{ for: 1s, every: 1s }',
  };
  const lines = Object.entries(base).filter(([key]) => !own.has(key));
  return `${lines.map(([key, value]) => `${key}: ${value}`).join('\n')}\n${plan}\n`;
};

export const queueOf = ({ queue }: Pick<ScriptedPlatform, 'queue'>): string => queue;

/** One worker process, as far as a test can tell: it serves until it is stopped, or dies. */
export interface Served {
  /** Stops it, and lets what is under way end. */
  (): Promise<void>;
  /** From here on nothing of it reaches the world or the disk. */
  die(): Promise<void>;
}

export async function serve(
  temporal: TestTemporal,
  platform: ScriptedPlatform,
  options: { cached?: number } = {},
): Promise<Served> {
  const codePath = await findBundle(join(tmpdir(), 'lastgood-test-bundle'));
  const life = beginLife();
  const deps = platform.depsFor(life);
  const common = {
    connection: temporal.native,
    maxHeartbeatThrottleInterval: 200,
    defaultHeartbeatThrottleInterval: 200,
    shutdownForceTime: 3_000,
    ...(options.cached === undefined ? {} : { maxCachedWorkflows: options.cached }),
  };
  const office = await Worker.create({
    ...common,
    taskQueue: queueOf(platform),
    workflowBundle: { codePath },
    activities: createOfficeActivities(deps),
  });
  const host = await Worker.create({
    ...common,
    taskQueue: hostQueue('main', queueOf(platform)),
    activities: createHostActivities(deps),
  });
  const running = Promise.allSettled([office.run(), host.run()]);
  const stop = async (): Promise<void> => {
    for (const worker of [office, host]) if (worker.getState() === 'RUNNING') worker.shutdown();
    await running;
  };
  const die = (): Promise<void> => {
    life.dead = true;
    return stop();
  };
  return Object.assign(stop, { die });
}
