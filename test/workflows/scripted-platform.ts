import { createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after } from 'node:test';
import type { Deps } from '../../src/activities/deps.ts';
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
import { createFileRunStore } from '../../src/worker/file-run-store.ts';
import { inMemory } from '../support/memory.ts';
import { beginLife, type Life, mortalFile, mortalWorld } from './life.ts';
import { type PlanChoices, planText } from './plan-text.ts';
import { populate, type Shape, USUAL } from './shapes.ts';

export const V1 = 'v1' as ReleaseId;

/** A scripted platform on a real Temporal server: real workflows, activities, executor, journal, ledger and snapshots. */
export interface ScriptedPlatform {
  readonly name: PlatformName;
  readonly plan: Plan;
  /** What is wrong with its plan file from here on; what was read of it before stands. */
  readonly faultsInFile: string[];
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

export interface ScriptedOptions extends PlanChoices {
  /** What it is made of. */
  readonly shape?: Shape;
  /** Something else about the platform before v2 is deployed over v1. */
  readonly before?: (world: World) => void;
  /** Absent: a queue of its own, so that test files can share a server. */
  readonly queue?: string;
  /** How long a worker may be silent before its work is another's. Absent: the product's own time. */
  readonly heartbeat?: number;
  /** Where its files lie; absent, in memory. */
  readonly under?: string;
  /** The host's clock, where it is not the machine's. */
  readonly clock?: () => Date;
  /** Hears each message as it is told; it has been delivered once that is over. */
  readonly hears?: (message: Message) => unknown;
  /** Who removes its files, and when. Absent: the end of the test. */
  readonly atEnd?: (end: () => Promise<void>) => void;
}

/** A platform of that shape: v1 is recorded and good, v2 runs. */
export async function createScriptedPlatform(options: ScriptedOptions = {}): Promise<ScriptedPlatform> {
  const name = `p${randomUUID().slice(0, 8)}` as PlatformName;
  const { shape = USUAL, heartbeat } = options;
  const directory = await mkdtemp(join(options.under ?? inMemory(), 'lg-scripted-'));
  (options.atEnd ?? after)(() => rm(directory, { recursive: true, force: true, maxRetries: 10 }));
  const world = new World(`engine-${name}`);
  const plan = parse(planText(name, directory, shape, options));
  const faultsInFile: string[] = [];
  const told: (Message & { at: string })[] = [];
  const down = new Map<string, DriverError>();
  const channels: Channel[] = plan.channels.map(channel => ({
    name: channel.name,
    send: async message => {
      const failure = down.get(channel.name);
      if (failure !== undefined) throw failure;
      told.push({ ...message, at: new Date().toISOString() });
      await options.hears?.(message);
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
      plans: {
        read: async platform => {
          const faults = platform === name ? faultsInFile : [`no plan of ${platform}`];
          return faults.length === 0 ? { plan } : { faults };
        },
      },
      drivers: () => drivers,
      executor: createExecutor({ journals, answerWithin: 100 }),
      journals,
      runs: createFileRunStore(directory),
      ledger: createFileLedger({ directory: join(directory, 'releases'), key, now: () => new Date() }),
      snapshots: () => createDirectorySnapshotStore({ directory: join(directory, 'snapshots') }),
      channels: () => channels,
      now: options.clock ?? (() => new Date()),
      ...(heartbeat === undefined ? {} : { heartbeat }),
    };
  };
  populate(world, shape, 'v1');
  options.before?.(world);
  const deps = depsFor(beginLife());
  await recordGood(deps, plan, world);
  if (options.data === 'restore') await capture(deps, plan);
  populate(world, shape, 'v2');
  return {
    name,
    plan,
    faultsInFile,
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

export const queueOf = ({ queue }: Pick<ScriptedPlatform, 'queue'>): string => queue;
