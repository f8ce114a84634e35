import { Socket } from 'node:net';
import pg from 'pg';
import type { SqlLogin } from '../../plan/plan.ts';

export interface SessionOptions {
  readonly host: string;
  readonly login: SqlLogin;
  readonly password: string;
  /** After it the server itself ends the statement, milliseconds. */
  readonly within: number;
  /** Ends the connection at once. */
  readonly signal: AbortSignal;
}

/** One statement, rows as lists of values. */
export interface Rows {
  readonly columns: number;
  readonly rows: readonly (readonly unknown[])[];
}

/**
 * Runs one statement, read-only, on a connection of its own. Nothing is taken from the environment or a password file.
 * @throws pg.DatabaseError for what the server said; any other error when there was no answer
 */
export async function queryOnce(
  { host, login, password, within, signal }: SessionOptions,
  query: string,
): Promise<Rows> {
  const socket = new Socket();
  const client = new pg.Client({
    host,
    port: login.port,
    user: login.user,
    database: login.database,
    password: () => password,
    ssl: false,
    stream: () => socket,
    application_name: 'lastgood',
    // The server's own ends too, for when this process is gone and cannot tell it.
    options: `-c default_transaction_read_only=on -c statement_timeout=${Math.ceil(within)}`,
  });
  const stop = (): void => void socket.destroy(new Error('stopped'));
  signal.addEventListener('abort', stop, { once: true });
  client.on('error', () => {});
  try {
    signal.throwIfAborted();
    await client.connect();
    // The extended protocol takes one statement and no more.
    const extended = { text: query, rowMode: 'array' as const, queryMode: 'extended' };
    const result = await client.query(extended);
    return { columns: result.fields.length, rows: result.rows };
  } finally {
    signal.removeEventListener('abort', stop);
    socket.destroy();
  }
}
