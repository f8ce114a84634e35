import { z } from 'zod';
import { frontDoorProbe } from './probe.ts';
import { aftercare, budgets, channels, escalation, onFailure, policy } from './rules.ts';
import { grace, host, target } from './target.ts';
import { containerName, duration, hostPath, name, strict, unseenWord, url, whole } from './words.ts';

const gate = strict({
  docker: containerName.describe('The container that lets traffic in.'),
  host,
  by: z.literal('stop').prefault('stop').describe('How it is shut.'),
  grace,
  observe: strict({
    http: url.describe('An address that answers only while the gate is open.'),
    shut: z
      .literal('refused')
      .prefault('refused')
      .describe('What is seen there once it is shut: no connection is taken.'),
  }).describe('How it is seen from outside.'),
});

const verify = strict({
  window: duration.prefault('30s').describe('How long every container must stay up inside before the gates open.'),
  restarts: whole(0, 1_000, 'a number of restarts')
    .prefault(0)
    .describe('How often a container may have restarted since the run started it.'),
  'front-door': z.array(frontDoorProbe).min(1).describe('Asked once the gates are open.'),
});

/** The whole plan file, as it is written. `toPlan` gives it the types that the rest of lastgood works with. */
export const planFile = strict({
  version: z.literal(1).describe('Of this format: 1.'),
  platform: name.describe('What is rolled back as one. One run at a time.'),
  hosts: z
    .record(
      name,
      strict({
        docker: unseenWord(
          /^(unix:\/\/\/|tcp:\/\/)[^\s@]+$/,
          'no engine address',
          'an engine address, as unix:///var/run/docker.sock',
          'engine',
        )
          .prefault('unix:///var/run/docker.sock')
          .describe('Its Docker engine, as the worker there reaches it.'),
      }),
    )
    .refine(hosts => Object.keys(hosts).length === 1, 'not one host, expected exactly one')
    .prefault({ main: {} })
    .describe('The one machine that the platform runs on. A worker there serves the queue `lastgood:<host>`.'),
  tiers: z.array(name).min(1).describe('In start order; they are stopped in the reverse.'),
  targets: z
    .record(name, target)
    .refine(targets => Object.keys(targets).length > 0, 'empty, expected at least one target')
    .describe('Everything that is put back, all of it or none.'),
  gates: z
    .record(name, gate)
    .refine(gates => Object.keys(gates).length > 0, 'empty, expected at least one gate')
    .describe('What lets users in. Shut in this order before anything is touched, opened in the reverse at the end.'),
  release: strict({
    soak: duration.prefault('30m').describe('How long a release must have run well before it is good.'),
    keep: whole(1, 100, 'a number of releases').prefault(3).describe('How many good releases are kept whole.'),
  })
    .prefault({})
    .describe('What makes a release good, and how many are kept.'),
  snapshots: strict({
    store: hostPath.prefault('/var/lib/lastgood/snapshots').describe("A directory of the worker's host."),
  })
    .prefault({})
    .describe('Where captures of the stores lie.'),
  budgets: budgets.prefault({}).describe('How long each phase should take, and may.'),
  verify: verify.describe('What must hold before a run is completed, besides every probe and every digest.'),
  policy: policy.prefault({}).describe('Whose approval a run needs, by severity.'),
  'on-failure': onFailure.prefault({}).describe('What happens when a step fails while the gates are shut.'),
  'after-revert': z
    .enum(['open', 'stay-shut'])
    .prefault('open')
    .describe('Whether the gates open once a revert has put everything back as it was found.'),
  channels: channels.prefault({ log: { log: true } }).describe('How people are told.'),
  escalation: escalation.describe(
    'Who is told when a run is held, level by level. Absent: every channel, then again after 5m.',
  ),
  aftercare: aftercare.prefault({}).describe('What follows a completed run.'),
  accept: strict({
    containers: z
      .array(containerName)
      .prefault([])
      .describe('Containers outside the plan that may write a store of it, or publish a port past its gates.'),
  })
    .prefault({})
    .describe('What the plan knows of and lives with.'),
});
export type PlanFile = z.output<typeof planFile>;
