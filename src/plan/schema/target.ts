import { z } from 'zod';
import { keyed } from './keyed.ts';
import { login, probe } from './probe.ts';
import { containerName, duration, hostPath, innerPath, name, sqlQuery, strict, volumeName, word } from './words.ts';

export const host = name.optional().describe("The host it is on. Absent: the plan's only host.");
export const grace = duration.prefault('10s').describe('How long it may take to stop after it was asked.');

const docker = strict({
  docker: containerName.describe('The container to put back: image, settings and running state.'),
  host,
  tier: name
    .optional()
    .describe('When it starts and stops. Every container has one, but for the container of a gate, which thaw starts.'),
  probes: z.array(probe).prefault([]).describe('What must hold before the tier above is started, and again in verify.'),
  stop: strict({
    signal: word(/^SIG[A-Z0-9+-]{2,12}$/, 'a signal, as SIGTERM', 'signal')
      .optional()
      .describe("What asks it to stop. Absent: the container's own. PostgreSQL wants SIGINT."),
    grace,
    hard: z
      .enum(['kill', 'never'])
      .optional()
      .describe(
        'Past the grace: kill it, or never, so that the step fails and people decide. Absent: never for what mounts a volume of this plan, kill for the rest.',
      ),
  })
    .prefault({})
    .describe('How it is stopped.'),
  'ignore-changes': z
    .array(hostPath)
    .prefault([])
    .describe(
      'Paths inside the container that may have changed since it started, as /run. Other changes are refused, for the run would lose them.',
    ),
  'accept-changes': z.boolean().prefault(false).describe('True: whatever changed inside the container may be lost.'),
}).meta({ title: 'docker' });

const rowCount = keyed({
  sql: strict({
    sql: sqlQuery.describe('A query that gives one number.'),
    target: name.describe('The database container that is asked.'),
    ...login,
    port: login.port.describe('Absent: as in the SQL probe of that target, else 5432.'),
    user: login.user.describe('Absent: as in the SQL probe of that target.'),
    database: login.database.describe('Absent: as in the SQL probe of that target, else the one named as the user.'),
    password: login.password.describe('Absent: as in the SQL probe of that target.'),
  }).meta({ title: 'sql' }),
  lines: strict({ lines: innerPath.describe('A file inside the volume, of one line a row.') }).meta({ title: 'lines' }),
});

const volume = strict({
  'docker-volume': volumeName.describe('The volume whose data is captured, and put back only when `data` says so.'),
  host,
  data: z
    .enum(['keep', 'restore'])
    .prefault('keep')
    .describe(
      "keep: the run never replaces this data. restore: it is replaced by the release's snapshot; needs `count`.",
    ),
  together: name.optional().describe('Stores of one such name are restored from one point, or none of them is.'),
  count: rowCount.optional().describe('What one row is, so that a loss can be counted and accepted.'),
  holds: z.enum(['postgres']).optional().describe('What the files are, so that a capture can be checked.'),
}).meta({ title: 'docker-volume' });

const files = strict({
  files: hostPath.describe('A file or a directory of the host, swapped as a whole.'),
  host,
  'used-by': z.array(name).prefault([]).describe('The targets that read it, for the plan that people see.'),
}).meta({ title: 'files' });

/** Anything that a rollback puts back. Its kind is its head key. */
export const target = keyed({ docker, 'docker-volume': volume, files });
