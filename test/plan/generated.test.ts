import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { planJsonSchema } from '../../src/plan/schema/json-schema.ts';
import { generatedFiles } from '../../src/plan/write-json-schema.ts';
import { changed } from './small-plan.ts';

const ROOT = join(import.meta.dirname, '..', '..');

for (const [path, content] of generatedFiles()) {
  test(`${path} is what the schema says: npm run schema writes it`, () => {
    assert.equal(readFileSync(join(ROOT, path), 'utf8'), content);
  });
}

test('every key has its meaning on the reference page', () => {
  const rows = generatedFiles().get('docs/plan-reference.md')!.split('\n');
  const keys = rows.filter(row => row.startsWith('| `'));
  assert.ok(keys.length > 60);
  assert.deepEqual(
    keys.filter(row => row.split(' | ')[1]?.trim() === ''),
    [],
  );
});

test('the JSON schema takes the example, and no misspelt key', () => {
  const schema = z.fromJSONSchema(planJsonSchema() as never);
  const accepts = (text: string) => schema.safeParse(parse(text)).success;
  assert.ok(accepts(readFileSync(join(ROOT, 'examples/n3xus/plan.yaml'), 'utf8')));
  assert.ok(!accepts(changed('    probes: [{ http', '    probs: [{ http')));
  assert.ok(!accepts(changed('redis: PING', 'redis: PNG')));
  assert.ok(!accepts(changed('{ docker: cache', '{ dokcer: cache')));
});
