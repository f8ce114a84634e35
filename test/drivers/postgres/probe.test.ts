import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countSql } from '../../../src/drivers/postgres/count.ts';
import { probe } from '../../../src/drivers/probes.ts';
import { seconds } from '../../../src/plan/duration.ts';
import type { SqlLogin } from '../../../src/plan/plan.ts';
import { findFreePort } from '../../../testbed/process/free-port.ts';
import { poll } from '../../../testbed/process/poll.ts';
import { look } from '../../support/look.ts';
import { startPostgres } from '../../support/postgres.ts';
import { serveTcp } from '../http/http-server.ts';

test('PostgreSQL, asked as a plan asks', async t => {
  const server = await startPostgres(t);
  await server.run('CREATE TABLE payments (id int); INSERT INTO payments SELECT generate_series(1, 26)');
  const password = { from: 'file', path: '/run/secrets/pg' } as const;
  const login: SqlLogin = { port: server.port, user: server.user, database: server.database, password };
  const host = '127.0.0.1';
  const secret = async (): Promise<string> => server.password;
  const ask = (query: string, changes: Partial<SqlLogin> = {}, resolve = secret, within = seconds(10)) =>
    probe({ host }, { kind: 'sql', query, login: { ...login, ...changes }, within }, resolve, look());
  const count = (query: string, changes: Partial<SqlLogin> = {}, resolve = secret, signal?: AbortSignal) =>
    countSql({ host, query, login: { ...login, ...changes } }, resolve, look(signal));

  await t.test('a query whose answer holds passes', async () => {
    assert.deepEqual(await ask('SELECT 1'), { verdict: 'passed', reason: `sql ${host}:${server.port}: answered "1"` });
    for (const query of ['SELECT true', "SELECT 'x'", 'SELECT count(*) = 26 FROM payments', 'SELECT 0.5']) {
      assert.equal((await ask(query)).verdict, 'passed', query);
    }
  });

  for (const query of [
    'SELECT 0',
    'SELECT 0::bigint',
    'SELECT 0.00',
    'SELECT false',
    'SELECT NULL',
    "SELECT ''",
    'SELECT count(*) = 0 FROM payments',
    'SELECT 1 WHERE false',
    'SELECT 1, 2',
    'SELECT id FROM payments',
    'SELECT',
    '',
    'SELECT 1 FROM lost_table',
    'SELEC 1',
    'SELECT 1/0',
    'SELECT 1; SELECT 1',
    'DROP TABLE payments',
    'INSERT INTO payments VALUES (27) RETURNING id',
  ]) {
    await t.test(`${JSON.stringify(query)} fails`, async () => {
      const found = await ask(query);
      assert.equal(found.verdict, 'failed', found.reason);
    });
  }

  await t.test('a login that the server refuses fails, and the reason never holds the password', async () => {
    for (const [changes, given] of [
      [{}, 'wrong-password'],
      [{ user: 'nobody' }, server.password],
      [{ database: 'lost' }, server.password],
      [{ user: server.password, database: server.password }, server.password],
    ] as const) {
      const found = await ask('SELECT 1', changes, async () => given);
      assert.equal(found.verdict, 'failed', found.reason);
      assert.ok(!found.reason.includes(given), found.reason);
    }
    const found = await ask(`SELECT '${server.password}'::int`);
    assert.match(found.reason, /22P02 .*\[secret\]/);
    assert.ok(!found.reason.includes(server.password), found.reason);
  });

  await t.test('no password comes from the environment', async () => {
    const { password: _none, ...open } = login;
    process.env['PGPASSWORD'] = server.password;
    t.after(() => delete process.env['PGPASSWORD']);
    const found = await probe(
      { host },
      { kind: 'sql', query: 'SELECT 1', login: open, within: seconds(10) },
      secret,
      look(),
    );
    assert.notEqual(found.verdict, 'passed');
  });

  await t.test('silence, another protocol and a closed port are inconclusive', async inner => {
    const silent = await serveTcp(inner, () => {});
    const found = await ask('SELECT 1', { port: silent }, secret, seconds(0.2));
    assert.deepEqual(found, { verdict: 'inconclusive', reason: `sql ${host}:${silent}: no answer within 200ms` });
    const http = await serveTcp(inner, socket => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const closing = await serveTcp(inner, socket => void socket.destroy());
    for (const port of [http, closing, await findFreePort()]) {
      const { verdict, reason } = await ask('SELECT 1', { port }, secret, seconds(2));
      assert.equal(verdict, 'inconclusive', reason);
    }
  });

  await t.test('a query past its deadline is inconclusive, and does not go on in the server', async () => {
    const found = await ask('SELECT pg_sleep(600)', {}, secret, seconds(0.3));
    assert.equal(found.verdict, 'inconclusive', found.reason);
    await poll({ what: 'the query to end', deadlineMs: 10_000 }, async () => {
      const rows = await server.run(
        "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%sleep(600)'",
      );
      return rows.length === 0;
    });
  });

  await t.test('a server that is ending a session is inconclusive', async () => {
    const found = ask('SELECT pg_sleep(600)', {}, secret, seconds(20));
    const end =
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%sleep(600)' AND pid <> pg_backend_pid()";
    await poll({ what: 'the session', deadlineMs: 10_000 }, async () => (await server.run(end)).length > 0);
    const { verdict, reason } = await found;
    assert.equal(verdict, 'inconclusive', reason);
  });

  await t.test('rows are counted, and a count beyond 32 bits too', async () => {
    assert.equal(await count('SELECT count(*) FROM payments'), 26);
    assert.equal(await count('SELECT 0'), 0);
    assert.equal(await count('SELECT 9007199254740991'), Number.MAX_SAFE_INTEGER);
  });

  for (const query of [
    'SELECT -1',
    'SELECT 2.5',
    'SELECT NULL',
    "SELECT 'many'",
    "SELECT ''",
    'SELECT true',
    'SELECT 9007199254740993',
    'SELECT 1 WHERE false',
    'SELECT 1, 2',
    'SELECT id FROM payments',
    'SELECT count(*) FROM lost_table',
    'DELETE FROM payments RETURNING 0',
  ]) {
    await t.test(`${JSON.stringify(query)} is no count`, () =>
      assert.rejects(count(query), {
        name: 'DriverError',
        kind: 'refused',
        message: new RegExp(`^count of rows in postgres at 127.0.0.1:${server.port}: `),
      }),
    );
  }

  await t.test('no answer is unavailable, and never zero', async inner => {
    await assert.rejects(count('SELECT 1', { port: await findFreePort() }), {
      kind: 'unavailable',
      message: /ECONNREFUSED/,
    });
    const stop = new AbortController();
    const silent = await serveTcp(inner, () => stop.abort());
    await assert.rejects(count('SELECT 1', { port: silent }, secret, stop.signal), {
      kind: 'unavailable',
      message: /cancelled/,
    });
    await assert.rejects(
      count('SELECT 1', {}, async () => 'wrong-password'),
      { kind: 'refused', message: /28P01/ },
    );
  });

  assert.deepEqual(await server.run('SELECT count(*)::int AS rows FROM payments'), [{ rows: 26 }]);
});
