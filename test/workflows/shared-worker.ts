import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { Worker } from '@temporalio/worker';
import type { Deps } from '../../src/activities/deps.ts';
import { createHostActivities, createOfficeActivities } from '../../src/activities/index.ts';
import type { PlatformName } from '../../src/plan/ids.ts';
import { findBundle } from '../../src/worker/bundle.ts';
import { createFileRunStore } from '../../src/worker/file-run-store.ts';
import { hostQueue } from '../../src/workflows/messages.ts';
import { inMemory } from '../support/memory.ts';
import { connect, type TestTemporal, useTemporal } from '../support/temporal.ts';
import { beginLife, type Life } from './life.ts';
import type { ScriptedPlatform } from './scripted-platform.ts';

/** One pair of workers for many platforms of a test file, each with its own world, journals, ledger and snapshots. */
export interface SharedWorker {
  readonly queue: string;
  /** From here on it serves that platform, as a process that was just started would. */
  adopt(platform: ScriptedPlatform): Life;
  forget(platform: ScriptedPlatform): void;
  stop(): Promise<void>;
}

/** A server, and a worker for all platforms that need none of their own. Called at a file's top level, where `after` is its end. */
export interface Stage extends TestTemporal {
  readonly shared: SharedWorker;
}
export async function useStage(options: StageOptions = {}): Promise<Stage> {
  // Ends are run in the order in which they are registered: the worker's before the server's.
  let stop: (() => Promise<void>) | undefined;
  after(() => stop?.());
  const temporal = await useTemporal();
  const shared = await start(temporal, options);
  stop = shared.stop;
  return { ...temporal, shared };
}

/** For a process that is no test file, and ends it itself. */
export async function openStage(
  address: string,
  options: StageOptions = {},
): Promise<Stage & { end(): Promise<void> }> {
  const temporal = await connect(address);
  const shared = await start(temporal, options);
  const end = async (): Promise<void> => {
    await shared.stop();
    await temporal.close();
  };
  return { ...temporal, shared, end };
}

export interface StageOptions {
  /** How many workflows the worker keeps in memory. */
  readonly cached?: number;
  /** How many activities it bears at once: those of a dead life are never over. */
  readonly atOnce?: number;
}

async function start(temporal: TestTemporal, { cached, atOnce }: StageOptions): Promise<SharedWorker> {
  const codePath = await findBundle(join(tmpdir(), 'lastgood-test-bundle'));
  const directory = await mkdtemp(join(inMemory(), 'lg-shared-'));
  const queue = `lastgood-${randomUUID().slice(0, 8)}`;
  const platforms = new Map<PlatformName, Deps>();
  const deps = routed(platforms, directory);
  const common = {
    connection: temporal.native,
    maxHeartbeatThrottleInterval: 200,
    defaultHeartbeatThrottleInterval: 200,
    ...(cached === undefined ? {} : { maxCachedWorkflows: cached }),
    ...(atOnce === undefined ? {} : { maxConcurrentActivityTaskExecutions: atOnce, shutdownForceTime: 3_000 }),
  };
  const office = await Worker.create({
    ...common,
    taskQueue: queue,
    workflowBundle: { codePath },
    activities: createOfficeActivities(deps),
  });
  const host = await Worker.create({
    ...common,
    taskQueue: hostQueue('main', queue),
    activities: createHostActivities(deps),
  });
  const running = Promise.allSettled([office.run(), host.run()]);
  return {
    queue,
    adopt: platform => {
      const life = beginLife();
      platforms.set(platform.name, platform.depsFor(life));
      return life;
    },
    forget: platform => void platforms.delete(platform.name),
    stop: async () => {
      office.shutdown();
      host.shutdown();
      await running;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** To each platform its own; RunPlans are known by their content alone, and lie together. */
function routed(platforms: ReadonlyMap<PlatformName, Deps>, directory: string): Deps {
  const of = (platform: PlatformName): Deps => {
    const deps = platforms.get(platform);
    if (deps === undefined) throw new Error(`platform ${platform} is not served here`);
    return deps;
  };
  return {
    plans: {
      read: async platform => platforms.get(platform)?.plans.read(platform) ?? { faults: [`no plan of ${platform}`] },
    },
    drivers: plan => of(plan.platform).drivers(plan),
    executor: { execute: (engine, order, verb) => of(order.platform).executor.execute(engine, order, verb) },
    journals: {
      open: (platform, run) => of(platform).journals.open(platform, run),
      findOpen: platform => of(platform).journals.findOpen(platform),
      find: (platform, run) => of(platform).journals.find(platform, run),
      findUnsettled: platform => of(platform).journals.findUnsettled(platform),
    },
    runs: createFileRunStore(directory),
    ledger: {
      add: release => of(release.platform).ledger.add(release),
      find: (platform, id) => of(platform).ledger.find(platform, id),
      list: platform => of(platform).ledger.list(platform),
      load: (platform, id, target) => of(platform).ledger.load(platform, id, target),
      promote: (platform, id, good) => of(platform).ledger.promote(platform, id, good),
      attach: (platform, id, snapshot) => of(platform).ledger.attach(platform, id, snapshot),
    },
    snapshots: plan => of(plan.platform).snapshots(plan),
    channels: plan => of(plan.platform).channels(plan),
    now: () => new Date(),
  };
}
