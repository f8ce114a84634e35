import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseData } from '../../src/plan/choose-data.ts';
import { formatFault } from '../../src/plan/faults.ts';
import type { TargetId } from '../../src/plan/ids.ts';
import { parsePlan } from '../../src/plan/parse.ts';
import type { DataChoice } from '../../src/plan/plan.ts';
import { changed, SMALL_PLAN } from './small-plan.ts';

function choose(text: string, data: Readonly<Record<string, DataChoice>>) {
  const parsed = parsePlan(text, 'plan.yaml');
  assert.ok('plan' in parsed);
  const chosen = chooseData(parsed.plan, data as Record<TargetId, DataChoice>);
  if ('faults' in chosen) return chosen.faults.map(formatFault);
  return chosen.plan.targets.flatMap(target =>
    target.kind === 'docker-volume' ? [`${target.id} ${target.data}`] : [],
  );
}

test('puts the choices of the request in place of the plan', () => {
  const all = { 'db-data': 'restore', 'log-data': 'restore' } as const;
  assert.deepEqual(choose(SMALL_PLAN, all), ['db-data restore', 'log-data restore']);
  assert.deepEqual(choose(SMALL_PLAN, {}), ['db-data keep', 'log-data keep']);
});

test('refuses a choice that parts stores, that nobody can count, or that names no store', () => {
  assert.deepEqual(choose(SMALL_PLAN, { 'db-data': 'restore', 'log-dta': 'restore' }), [
    'request: data.log-dta: no store of shop, expected one of db-data, log-data, did you mean log-data?',
    'request: data.db-data: restore without log-data, expected all or none: they are together',
  ]);
  const uncounted = changed(
    'docker-volume: log-data, together: money, count: { lines: journal.log }',
    'docker-volume: log-data',
  );
  assert.deepEqual(choose(uncounted, { 'log-data': 'restore' }), [
    'request: data.log-data: restore, but the plan counts no rows of it, expected keep: the loss cannot be told',
  ]);
  assert.deepEqual(choose(SMALL_PLAN, { cache: 'restore' }).length, 1);
});
