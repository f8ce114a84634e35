import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Deps } from '../activities/deps.ts';
import type { Environment } from '../config/environment.ts';
import type { Scrubber } from '../config/scrubber.ts';
import { createSecrets } from '../drivers/secrets.ts';
import { createExecutor } from '../executor/executor.ts';
import { openJournals } from '../executor/journal.ts';
import { ownEngine } from '../executor/ownership.ts';
import type { Channel } from '../notify/channel.ts';
import { createLogChannel } from '../notify/log-channel.ts';
import { createWebhookChannel } from '../notify/webhook-channel.ts';
import { seconds } from '../plan/duration.ts';
import type { EngineId } from '../plan/ids.ts';
import type { ChannelSpec } from '../plan/plan.ts';
import { createFileLedger } from '../releases/file-ledger.ts';
import { fingerprintWith, loadKey } from '../releases/key.ts';
import { createDirectorySnapshotStore } from '../snapshots/directory-store.ts';
import type { SnapshotStore } from '../snapshots/store.ts';
import { createDockerHosts } from './docker-host.ts';
import { createFileRunStore } from './file-run-store.ts';
import { createPlanSource } from './plan-source.ts';

/** Each engine is taken once; a failure is asked again, for the other process may have ended. */
function createOwning(): (engine: EngineId) => Promise<void> {
  const owned = new Map<EngineId, Promise<unknown>>();
  return async engine => {
    const taking = owned.get(engine) ?? ownEngine(engine);
    owned.set(engine, taking);
    await taking.catch((error: unknown) => {
      owned.delete(engine);
      throw error;
    });
  };
}

/** All that the activities of this machine need, from its environment. @throws DriverError when the key cannot be had */
export async function createDeps(environment: Environment, log: Logger, scrubber: Scrubber): Promise<Deps> {
  const key = await loadKey(environment.key);
  const now = (): Date => new Date();
  const resolve = createSecrets({ environment: process.env, remember: value => scrubber.remember(value) });
  const journals = openJournals({ directory: join(environment.state, 'journals'), now });
  const stores = new Map<string, SnapshotStore>();
  const channelOf = (spec: ChannelSpec): Channel =>
    spec.kind === 'log'
      ? createLogChannel({ name: spec.name, log })
      : createWebhookChannel({
          name: spec.name,
          url: spec.url,
          secret: () => resolve(spec.secret),
          now,
          deadline: seconds(10),
        });
  return {
    plans: createPlanSource(environment.plans),
    drivers: createDockerHosts({ fingerprint: fingerprintWith(key), resolve, own: createOwning() }),
    executor: createExecutor({ journals }),
    journals,
    runs: createFileRunStore(environment.state),
    ledger: createFileLedger({ directory: join(environment.state, 'releases'), key, now }),
    snapshots: plan => {
      const directory = plan.snapshots.store;
      const store = stores.get(directory) ?? createDirectorySnapshotStore({ directory, now });
      stores.set(directory, store);
      return store;
    },
    channels: plan => plan.channels.map(channelOf),
    now,
    heartbeat: environment.heartbeat,
  };
}
