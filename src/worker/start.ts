import { NativeConnection, Worker } from '@temporalio/worker';
import type { Deps } from '../activities/deps.ts';
import { createHostActivities, createOfficeActivities } from '../activities/index.ts';
import type { Environment } from '../config/environment.ts';
import { hostQueue } from '../workflows/messages.ts';

export interface StartedWorkers {
  /** Resolves when both have stopped. */
  run(): Promise<void>;
  shutdown(): void;
}

/** How late a cancellation may reach an activity that hears its engine, and how fresh its heartbeat is shown. */
const HEARTBEAT_AT_MOST = 500;
/** What is under way at a shutdown may reach its next safe place; it is shorter than any kill delay. */
const GRACE = 5_000;

/** Two workers on one connection: workflows and what needs no machine, and this host's engine. */
export async function startWorkers(
  environment: Pick<Environment, 'temporal' | 'host' | 'taskQueue'>,
  deps: Deps,
  codePath: string,
): Promise<StartedWorkers> {
  const connection = await NativeConnection.connect(
    environment.temporal.connection ?? { address: environment.temporal.address },
  );
  const { namespace } = environment.temporal;
  const identity = `lastgood@${environment.host} pid ${process.pid}`;
  const common = {
    connection,
    namespace,
    identity,
    maxHeartbeatThrottleInterval: HEARTBEAT_AT_MOST,
    defaultHeartbeatThrottleInterval: HEARTBEAT_AT_MOST,
    shutdownGraceTime: GRACE,
  };
  const office = await Worker.create({
    ...common,
    taskQueue: environment.taskQueue,
    workflowBundle: { codePath },
    activities: createOfficeActivities(deps),
  });
  const host = await Worker.create({
    ...common,
    taskQueue: hostQueue(environment.host, environment.taskQueue),
    activities: createHostActivities(deps),
  });
  return {
    run: async () => {
      await Promise.all([office.run(), host.run()]).finally(() => connection.close());
    },
    shutdown: () => {
      for (const worker of [office, host]) if (worker.getState() === 'RUNNING') worker.shutdown();
    },
  };
}
