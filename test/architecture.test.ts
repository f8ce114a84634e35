import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { planted } from './architecture/planted.ts';
import { findBreaches, type Table } from './architecture/rules.ts';
import { readTree, type Tree } from './architecture/tree.ts';

/** Who may import whom. What a row does not name, it may not import; nobody names `worker`. */
const TABLE: Table = {
  rows: [
    // WHAT, JUDGEMENT, FACTS: pure.
    {
      name: "plan's types",
      holds: ['ids', 'duration', 'plan', 'run-plan', 'kinds', 'rollback-request', 'choose-data', 'faults', 'wording']
        .concat('canonical', 'nearest', 'use')
        .map(file => `plan/${file}.ts`),
      may: [],
    },
    { name: 'plan', holds: ['plan/'], may: ["plan's types"], packages: ['zod', 'yaml'], node: ['node:crypto'] },
    { name: 'policy', holds: ['policy/'], may: ["plan's types"] },
    { name: 'run', holds: ['run/'], may: ["plan's types", 'types of policy'] },

    // ORDER: deterministic.
    {
      name: "the workflows' messages",
      holds: ['workflows/messages.ts'],
      may: ["types of plan's types"].concat('types of policy', "types of activities' contract"),
    },
    {
      name: 'workflows',
      holds: ['workflows/'],
      may: ["plan's types", 'policy', 'run', "the workflows' messages", "types of activities' contract"],
      packages: ['@temporalio/workflow', '@temporalio/common'],
    },

    // Contracts that the layers below and above share.
    { name: 'snapshot contract', holds: ['snapshots/store.ts'], may: ["types of plan's types"] },
    { name: "a driver's errors", holds: ['drivers/errors.ts'], may: [] },
    {
      name: "drivers' contract",
      holds: ['drivers/contract.ts'],
      may: ["types of plan's types", 'types of snapshot contract'],
    },
    {
      name: "activities' contract",
      holds: ['activities/contract.ts'],
      may: ["types of plan's types", 'types of run', 'types of releases'],
    },

    // HOW: a folder a technology, none of which knows another.
    { name: 'disk', holds: ['disk/'], may: [], node: 'any' },
    {
      name: 'shared by drivers',
      holds: ['drivers/attempt.ts', 'drivers/secrets.ts', 'drivers/tally.ts'],
      may: ["plan's types", "drivers' contract", "a driver's errors"],
      node: 'any',
    },
    {
      name: 'probes, by kind',
      holds: ['drivers/probes.ts'],
      may: ["plan's types", "drivers' contract", "a driver's errors", 'shared by drivers'].concat(
        'drivers/http',
        'drivers/postgres',
        'drivers/redis',
      ),
    },
    ...(
      [
        ['docker', ['dockerode']],
        ['files', []],
        ['http', []],
        ['postgres', ['pg']],
        ['redis', ['ioredis']],
        ['scripted', []],
      ] as const
    ).map(([name, packages]) => ({
      name: `drivers/${name}`,
      holds: [`drivers/${name}/`],
      may: ["plan's types", "drivers' contract", "a driver's errors", 'shared by drivers', 'snapshot contract', 'disk'],
      packages,
      node: 'any' as const,
    })),
    {
      name: 'snapshots',
      holds: ['snapshots/'],
      may: ["plan's types", 'snapshot contract', "a driver's errors", 'disk'],
      node: 'any',
    },
    { name: 'releases', holds: ['releases/'], may: ["plan's types", "a driver's errors", 'disk'], node: 'any' },
    {
      name: 'wording of messages',
      holds: ['asking', 'ending', 'failing', 'messages', 'parts', 'wording', 'wording-of'].map(
        file => `notify/${file}.ts`,
      ),
      may: ["plan's types", 'run', 'types of notify'],
    },
    {
      name: 'notify',
      holds: ['notify/'],
      may: ["plan's types", 'run', 'wording of messages', "a driver's errors"],
      packages: ['types of pino'],
      node: ['node:crypto'],
    },

    // SAFELY, then one verb a call.
    { name: "executor's judgements", holds: ['executor/ended.ts', 'executor/fence.ts'], may: ['types of executor'] },
    {
      name: 'executor',
      holds: ['executor/'],
      may: ["plan's types", "drivers' contract", "a driver's errors", "executor's judgements", 'types of run', 'disk'],
      node: 'any',
    },
    {
      name: 'activities',
      holds: ['activities/'],
      may: [
        "plan's types",
        'policy',
        'run',
        "drivers' contract",
        "a driver's errors",
        "executor's judgements",
        "activities' contract",
        'wording of messages',
      ].concat(['executor', 'releases', 'notify', 'snapshot contract'].map(contract => `types of ${contract}`)),
      packages: ['@temporalio/activity', '@temporalio/common'],
      node: ['node:timers/promises'],
    },

    // Whoever talks to Temporal from outside, and the wiring.
    {
      name: 'config',
      holds: ['config/'],
      may: ["plan's types"],
      packages: ['@temporalio/envconfig', 'types of @temporalio/common', 'pino'],
      node: ['node:path'],
    },
    {
      name: 'client',
      holds: ['client/'],
      may: ["plan's types", 'policy', 'run', 'config', "the workflows' messages"],
      packages: ['@temporalio/client', '@temporalio/common'],
      node: ['node:crypto', 'node:timers/promises'],
    },
    {
      name: 'command line',
      holds: ['client/cli/'],
      may: ['client', 'plan', "plan's types", 'policy', 'run', "the workflows' messages", 'types of releases'],
      packages: ['commander'],
      node: 'any',
    },
    {
      name: 'worker',
      holds: ['worker/'],
      may: [
        "plan's types",
        'plan',
        'policy',
        'run',
        'workflows',
        "the workflows' messages",
        "drivers' contract",
      ].concat(
        [
          "a driver's errors",
          'shared by drivers',
          'probes, by kind',
          'drivers/docker',
          'drivers/files',
          'drivers/postgres',
          'snapshots',
          'snapshot contract',
        ],
        ['releases', 'notify', 'disk', 'executor', 'activities', "activities' contract", 'config'],
      ),
      packages: ['@temporalio/worker', 'types of pino'],
      node: 'any',
    },
  ],
  exceptions: [
    {
      from: 'drivers/docker/volumes.ts',
      to: 'drivers/files/',
      why: 'a volume is a tree on this host: staging, swapping and undoing trees is written once, in drivers/files',
    },
    {
      from: 'client/cli/commands/setup.ts',
      to: 'releases/key.ts',
      why: '`lastgood setup` makes the key of the ledger',
    },
    { from: 'plan/write-json-schema.ts', to: 'node:fs', why: 'it is `npm run schema`, and nothing imports it' },
    { from: 'plan/write-json-schema.ts', to: 'node:path', why: 'the same' },
  ],
  sandboxed: { entry: 'src/workflows/index.ts', packages: ['@temporalio/workflow', '@temporalio/common'] },
  startsProcesses: ['drivers/files/tool.ts', 'client/cli/commands/worker.ts'],
  mayPrint: ['client/', 'worker/'],
};

const tree = readTree(join(import.meta.dirname, '..'), ['src', 'test', 'testbed']);

test('every file is where it belongs and imports only what its place may', () => {
  assert.deepEqual(findBreaches(tree, TABLE), []);
});

for (const [rule, file, line, caught] of planted) {
  test(`a breach is found: ${rule}`, () => {
    const copy: Tree = new Map(tree).set(file, `${tree.get(file) ?? ''}\n${line}\n`);
    if (file === 'src/plan/ids.ts' && rule === 'no circles')
      (copy as Map<string, string>).set('src/plan/nearest.ts', "import './ids.ts';\n");
    const found = findBreaches(copy, TABLE);
    assert.ok(
      found.some(breach => caught.test(breach)),
      `expected a breach like ${caught}, found:\n${found.join('\n')}`,
    );
  });
}

test('an exception that nobody needs is found', () => {
  const idle = { from: 'plan/ids.ts', to: 'node:fs', why: 'no reason' };
  const found = findBreaches(tree, { ...TABLE, exceptions: [...TABLE.exceptions, idle] });
  assert.deepEqual(found, ['the table: the exception plan/ids.ts -> node:fs is not needed']);
});
