import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatFault } from '../../src/plan/faults.ts';
import { parsePlan } from '../../src/plan/parse.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { changed, SMALL_PLAN } from './small-plan.ts';

function planOf(text: string): Plan {
  const parsed = parsePlan(text, 'plan.yaml');
  assert.ok('plan' in parsed, 'faults' in parsed ? parsed.faults.map(formatFault).join('\n') : '');
  return parsed.plan;
}
const targetOf = (text: string, id: string) => planOf(text).targets.find(target => target.id === id);

test('gives every default', () => {
  const plan = planOf(SMALL_PLAN);
  assert.deepEqual(plan.hosts, [{ name: 'main', docker: 'unix:///var/run/docker.sock' }]);
  assert.deepEqual(targetOf(SMALL_PLAN, 'cache'), {
    id: 'cache',
    host: 'main',
    kind: 'docker',
    container: 'cache',
    tier: 'data',
    probes: [{ kind: 'redis', port: 6379, within: 60_000 }],
    stop: { grace: 10_000 },
    ignoreChanges: [],
    acceptChanges: false,
  });
  assert.deepEqual(plan.budgets.freeze, { target: 10_000, max: 30_000 });
  assert.deepEqual(plan.policy.P0, { approvals: 0, by: [], within: 300_000, silence: 'escalate' });
  assert.deepEqual(
    plan.escalation.map(level => level.tell),
    [['log'], ['log']],
  );
  assert.deepEqual([plan.afterRevert, plan.snapshots.store], ['open', '/var/lib/lastgood/snapshots']);
});

test('logs in to the database named as the user, and counts with the login of the SQL probe', () => {
  const login = { port: 5432, user: 'shop', database: 'shop', password: { from: 'env', variable: 'PW' } };
  const [db, store] = [targetOf(SMALL_PLAN, 'db'), targetOf(SMALL_PLAN, 'db-data')];
  assert.deepEqual(db?.probes, [{ kind: 'sql', query: 'SELECT 1', login, within: 60_000 }]);
  assert.ok(store?.kind === 'docker-volume');
  assert.deepEqual(store.count, { by: 'sql', query: 'select count(*) from t', target: 'db', login });
  const own = targetOf(changed('target: db }', 'target: db, user: auditor, database: shop }'), 'db-data');
  assert.ok(own?.kind === 'docker-volume' && own.count?.by === 'sql');
  assert.deepEqual(own.count.login, { ...login, user: 'auditor' });
});

test('knows the target that is the container of a gate, and gives it no tier', () => {
  assert.equal(planOf(SMALL_PLAN).gates[0]?.target, 'nginx');
  assert.ok(!('tier' in targetOf(SMALL_PLAN, 'nginx')!));
  const other = changed('door: { docker: nginx', 'door: { docker: proxy').replace(
    '{ docker: nginx }',
    '{ docker: nginx, tier: web }',
  );
  assert.ok(!('target' in planOf(other).gates[0]!));
});

test('keeps the order of targets and gates', () => {
  const text = changed('gates:\n', 'gates:\n  z: { docker: z, observe: { http: "http://127.0.0.1:1/" } }\n');
  assert.deepEqual(
    planOf(text).gates.map(gate => gate.name),
    ['z', 'door'],
  );
  assert.deepEqual(
    planOf(text)
      .targets.map(target => target.id)
      .slice(0, 3),
    ['db', 'cache', 'api'],
  );
});

test('the digest is that of the bytes', () => {
  const text = SMALL_PLAN.replace('platform', '# größer\nplatform');
  assert.equal(planOf(text).digest, createHash('sha256').update(Buffer.from(text, 'utf8')).digest('hex'));
});

test('reads the N3XUS plan: 27 containers, five tiers, the money together', () => {
  const plan = planOf(readFileSync(join(import.meta.dirname, '../../examples/n3xus/plan.yaml'), 'utf8'));
  const sizes = plan.tiers.map(tier => plan.targets.filter(target => target.tier === tier).length);
  assert.deepEqual(sizes, [7, 4, 5, 3, 7]);
  const untiered = plan.targets.filter(target => target.tier === undefined).map(target => target.id);
  assert.deepEqual(untiered, ['postgres-data', 'ledger-data', 'wallet-data', 'nginx', 'nginx-conf']);
  const money = plan.targets.filter(target => target.kind === 'docker-volume');
  assert.ok(money.every(store => store.together === 'money' && store.count !== undefined && store.data === 'keep'));
  assert.equal(plan.gates[0]?.target, 'nginx');
});

test('never throws, and always says where, whatever one change does to a plan', () => {
  const text = SMALL_PLAN;
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ':',
    '- ',
    '\n',
    '\t',
    '"',
    "'",
    '&a ',
    '*a',
    '!!x ',
    '#',
    '? ',
    '|',
    '\u0000',
    '🙂',
    '__proto__: 1\n',
    '${',
  );
  const at = fc.nat(text.length);
  fc.assert(
    fc.property(
      at,
      at,
      fc.array(fc.oneof(pieces, fc.string({ maxLength: 5 })), { maxLength: 4 }),
      (start, length, put) => {
        const parsed = parsePlan(text.slice(0, start) + put.join('') + text.slice(start + (length % 20)), 'plan.yaml');
        // Some changes leave a plan a plan.
        if ('plan' in parsed) return;
        assert.ok(parsed.faults.length > 0);
        for (const fault of parsed.faults) {
          assert.ok(fault.line >= 1 && fault.column >= 1);
          assert.match(formatFault(fault), /^plan\.yaml:\d+:\d+: [^\n]+$/);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('never throws on any text, nor on any data written as YAML', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.json()), text => {
      assert.ok('faults' in parsePlan(text, 'x'));
    }),
    { numRuns: 500 },
  );
  for (const text of ['['.repeat(100_000), '- '.repeat(100_000), '{a: '.repeat(50_000), '? '.repeat(50_000)]) {
    assert.ok('faults' in parsePlan(text, 'x'));
  }
});

test('says how many faults it left out of a file of another kind', () => {
  const parsed = parsePlan(Array.from({ length: 5_000 }, (_, index) => `k${index}: 1\n`).join(''), 'x');
  assert.ok('faults' in parsed);
  assert.equal(parsed.faults.length, 201);
  assert.match(parsed.faults.at(-1)!.message, /^and \d+ more faults$/);
});
