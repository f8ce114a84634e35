import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from '@temporalio/worker';
import { createHostActivities, createOfficeActivities } from '../../src/activities/index.ts';
import { findBundle } from '../../src/worker/bundle.ts';
import { hostQueue } from '../../src/workflows/messages.ts';
import type { TestTemporal } from '../support/temporal.ts';
import { beginLife } from './life.ts';
import { queueOf, type ScriptedPlatform } from './scripted-platform.ts';

/** One worker process, as far as a test can tell: it serves until it is stopped, or dies. */
export interface Served {
  /** Stops it, and lets what is under way end. */
  (): Promise<void>;
  /** As whoever updates it does. @throws what it could not end in time */
  relieve(): Promise<void>;
  /** From here on nothing of it reaches the world or the disk. */
  die(): Promise<void>;
}

export async function serve(
  temporal: Pick<TestTemporal, 'native'>,
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
  const relieve = async (): Promise<void> => {
    await stop();
    for (const end of await running) if (end.status === 'rejected') throw end.reason;
  };
  const die = (): Promise<void> => {
    life.dead = true;
    return stop();
  };
  return Object.assign(stop, { relieve, die });
}
