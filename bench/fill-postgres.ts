import type Docker from 'dockerode';
import { execWell } from './exec-well.ts';

/** Of one row, about, with what PostgreSQL keeps beside it. */
const ROW_BYTES = 1_024;
const ROWS_AT_ONCE = 64_000;

/**
 * Puts about so many bytes of rows into the platform's database, once. Half of each row compresses as text does, half
 * hardly, as ids and hashes do. @returns the size of the database and of its whole cluster, bytes
 * @throws Error when the database is smaller than that afterwards
 */
export async function fillPostgres(
  engine: Docker,
  bytes: number,
  progress: (share: number) => void,
): Promise<{ database: number; cluster: number }> {
  const sql = (query: string) => psql(engine, query);
  // What is written ahead would else be as much again, and the capture would be of two sizes.
  await sql("alter system set max_wal_size = '64MB'");
  await sql('select pg_reload_conf()');
  await sql('create table ballast (id bigint primary key, words text not null, hashes text not null)');
  const rows = Math.ceil(bytes / ROW_BYTES);
  for (let from = 0; from < rows; from += ROWS_AT_ONCE) {
    const to = Math.min(rows, from + ROWS_AT_ONCE);
    await sql(`insert into ballast select n,
      repeat('invoice line of tenant ' || n % 977 || ', ', 16),
      (select string_agg(md5(n::text || part), '') from generate_series(1, 15) part)
      from generate_series(${from + 1}, ${to}) n`);
    progress(to / rows);
  }
  await sql('vacuum (freeze, analyze) ballast');
  await sql('alter system reset max_wal_size');
  await sql('select pg_reload_conf()');
  await sql('checkpoint');
  const database = Number(await sql("select pg_database_size('nexus')"));
  if (!(database >= bytes))
    throw new Error(`PostgreSQL was filled, and holds ${database} bytes: at least ${bytes} expected`);
  const cluster = Number(
    (await execWell(engine, 'postgres', ['du', '-sb', '/var/lib/postgresql/data'])).split('\t')[0],
  );
  return { database, cluster };
}

const psql = (engine: Docker, query: string): Promise<string> =>
  execWell(engine, 'postgres', ['psql', '-U', 'nexus', '-d', 'nexus', '-v', 'ON_ERROR_STOP=1', '-qAt', '-c', query]);
