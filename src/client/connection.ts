import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import { type Environment, EnvironmentFaults, parseEnvironment } from '../config/environment.ts';
import { Refusal } from './refusal.ts';
import { reasonOf } from './service-error.ts';

/** A Temporal server that answered. */
export interface Reached {
  readonly client: Client;
  readonly connection: Connection;
  readonly address: string;
  readonly namespace: string;
  /** Where workflows are polled for: LASTGOOD_TASK_QUEUE. */
  readonly queue: string;
  close(): Promise<void>;
}

type Variables = Readonly<Record<string, string | undefined>>;
const TRIED_FOR_MS = 5_000;

/**
 * Connects as the `temporal` command does: TEMPORAL_* variables, then the profile of its configuration file.
 * @throws Refusal unreachable, naming the address, where it came from, and how to start a server | usage
 */
export async function connect(env: Variables = process.env): Promise<Reached> {
  const { temporal, taskQueue } = environmentOf(env);
  const { address, namespace } = temporal;
  try {
    const options = { ...(temporal.connection as ConnectionOptions), address, connectTimeout: TRIED_FOR_MS };
    const connection = await Connection.connect(options);
    const client = new Client({ connection, namespace, identity: `lastgood-client@${process.pid}` });
    return { client, connection, address, namespace, queue: taskQueue, close: () => connection.close() };
  } catch (error) {
    const tried = `tried for ${TRIED_FOR_MS / 1_000} s; the address is ${sourceOf(env, temporal.configured)}`;
    throw new Refusal(
      'unreachable',
      `the Temporal server at ${address} cannot be reached: ${reasonOf(error)} (${tried})`,
      {
        next: [
          'start one: docker compose -f docker-compose.temporal.yml --profile small up -d --wait',
          'or: temporal server start-dev --db-filename temporal.db',
          'or say where yours is: TEMPORAL_ADDRESS=host:7233, or TEMPORAL_PROFILE=name',
        ],
        cause: error,
      },
    );
  }
}

/** @throws Refusal usage, with every fault of the environment at once */
export function environmentOf(env: Variables): Environment {
  try {
    return parseEnvironment(env);
  } catch (error) {
    if (!(error instanceof EnvironmentFaults)) throw error;
    throw new Refusal('usage', `the environment is wrong: ${error.faults.join('; ')}`, { cause: error });
  }
}

function sourceOf(env: Variables, configured: boolean): string {
  if (env['TEMPORAL_ADDRESS']) return 'from TEMPORAL_ADDRESS';
  if (!configured) return 'the default one, for none is configured';
  return `from ${env['TEMPORAL_PROFILE'] ? `profile ${env['TEMPORAL_PROFILE']} of ` : ''}${env['TEMPORAL_CONFIG_FILE'] ?? "the temporal command's configuration file"}`;
}
