import { z } from 'zod';
import { keyed } from './keyed.ts';
import { duration, expects, port, secret, sqlQuery, strict, unseenWord, url, whole, word } from './words.ts';

const within = duration.prefault('60s').describe('How long it is tried again before its failure counts.');

/** The keys of one SQL login. What a row count leaves out is taken from the SQL probe of its target. */
export const login = {
  port: port.optional().describe('Where the database listens, inside its network. Absent: 5432.'),
  user: word(/^\S{1,63}$/, 'a database user', 'name').optional(),
  database: word(/^\S{1,63}$/, 'a database name', 'name')
    .optional()
    .describe('The database. Absent: the one named as the user.'),
  password: secret.optional().describe('Read by the worker when it is used. Absent: none is sent.'),
};

const answer = {
  method: z.enum(['GET', 'POST', 'HEAD']).prefault('GET').describe('How it is asked.'),
  bearer: secret.optional().describe('Sent as `Authorization: Bearer …`.'),
  status: whole(100, 599, 'an HTTP status').prefault(200).describe('The only status that passes.'),
  json: z
    .record(
      word(/^\//, 'a JSON pointer, as /status', 'JSON pointer'),
      z.union([z.string(), z.number(), z.boolean(), z.null()], expects('text, a number, true, false or null')),
    )
    .prefault({})
    .describe('What must stand in the answer: JSON pointer, and the value there.'),
  within,
};

/** Asked inside the target's own network, so that it answers while the gates are shut. */
export const probe = keyed({
  http: strict({
    http: unseenWord(/^\/\S*$/, 'no path', 'a path, as /health: the port is a key of its own', 'path').describe(
      'The path asked for.',
    ),
    port: port.describe('Where the service listens, inside its network.'),
    ...answer,
  }).meta({ title: 'http' }),
  sql: strict({
    sql: sqlQuery.describe('A query that must succeed.'),
    ...login,
    user: login.user.unwrap().describe('Who logs in.'),
    within,
  }).meta({ title: 'sql' }),
  redis: strict({
    redis: z.literal('PING').describe('PING, which must be answered PONG.'),
    port: port.prefault(6379).describe('Where Redis listens, inside its network.'),
    within,
  }).meta({ title: 'redis' }),
  tcp: strict({ tcp: port.describe('A port that must take a connection.'), within }).meta({ title: 'tcp' }),
});

/** Asked from outside, through the open gates, as a user would. */
export const frontDoorProbe = strict({ http: url.describe('The whole address asked for.'), ...answer });
