import { z } from 'zod';
import { VERIFY_MAX } from '../checks/times.ts';
import { keyed } from './keyed.ts';
import { duration, name, secret, someTime, strict, url, whole } from './words.ts';

const budget = (target: string, max: string, what: string) =>
  strict({
    target: duration.describe('Past it people hear of it.'),
    max: someTime.describe('Past it the step is cancelled and fails.'),
  })
    .prefault({ target, max })
    .describe(what);

export const budgets = strict({
  admit: budget('30s', '2m', 'Looking at the platform and computing the run. Nothing is touched.'),
  prepare: budget('5m', '15m', 'Pulling images and staging beside what is live. Nothing is touched.'),
  freeze: budget('10s', '30s', 'Shutting the gates.'),
  snapshot: budget('2m', '10m', 'Capturing the stores and reading the captures back.'),
  stop: budget('2m', '5m', 'Stopping all tiers.'),
  restore: budget('3m', '10m', 'Swapping in the release.'),
  start: budget('2m', '5m', 'Starting all tiers, each probed before the next.'),
  verify: budget('2m', VERIFY_MAX, 'Judging the platform inside, its window included.'),
  thaw: budget('30s', '2m', 'Opening the gates and asking at the front door.'),
  undo: budget('5m', '15m', 'Taking everything back when a step has failed.'),
  total: strict({
    target: duration.describe('Past it people hear of it.'),
    max: someTime.describe('Past it they hear of it again. It cuts nothing off: each phase has its own maximum.'),
  })
    .prefault({ target: '10m', max: '30m' })
    .describe('The whole run in its steps, without what it waits for people, is paused or held.'),
});

/** What approvals each severity needs. The defaults ask for more people, and more time, the less it hurts. */
const rule = (approvals: number, within: string, silence: 'refuse' | 'escalate') =>
  strict({
    approvals: whole(0, 9, 'a number of people').describe('How many people must approve before anything is touched.'),
    by: z.array(name).prefault([]).describe("Roles or people whose approval counts. Empty: anyone's."),
    within: someTime.prefault(within).describe('How long the approvals are waited for.'),
    silence: z
      .enum(['refuse', 'escalate'])
      .prefault(silence)
      .describe('What silence means: the run is refused, or the next level is told and the wait begins again.'),
  }).prefault({ approvals });

export const policy = strict({
  P0: rule(0, '5m', 'escalate').describe('The platform is down or unsafe.'),
  P1: rule(1, '15m', 'escalate').describe('Much of it is.'),
  P2: rule(1, '2h', 'refuse').describe('It is degraded.'),
  P3: rule(1, '24h', 'refuse').describe('It can wait.'),
});

export const onFailure = strict({
  'before-restore': z
    .enum(['revert', 'ask'])
    .prefault('revert')
    .describe('A step failed after the freeze, before anything was swapped.'),
  'after-restore': z
    .enum(['revert', 'ask'])
    .prefault('ask')
    .describe('A step failed after the first swap, while the gates are still shut.'),
  silence: z
    .enum(['revert', 'stay'])
    .prefault('revert')
    .describe(
      'What silence on a question before the gates open means. Once an undo began, every question waits without limit.',
    ),
  within: someTime.prefault('10m').describe('After how long it counts as silence.'),
});

const level = strict({
  level: whole(1, 99, 'a level').describe('1, 2, 3 …, in this order.'),
  tell: z.array(name).min(1).describe('The channels that are told.'),
  'acknowledge-within': someTime.describe('After how long without an acknowledgement the next level is told.'),
});
export const escalation = z.array(level).min(1).optional();

export const channels = z.record(
  name,
  keyed({
    webhook: strict({
      webhook: url.describe('Each message is posted here as signed JSON.'),
      secret: secret.describe('The key of the signature.'),
    }).meta({ title: 'webhook' }),
    log: strict({ log: z.literal(true).describe("true: messages go to the worker's log.") }).meta({ title: 'log' }),
  }),
);

export const aftercare = strict({
  for: duration.prefault('2h').describe('How long the platform is watched before what undo kept is dropped.'),
  every: someTime.prefault('15m').describe('How often it is compared with its good days; at least once, at the end.'),
});
