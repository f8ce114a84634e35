import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type JsonSchema, renderReference } from './reference.ts';
import { planJsonSchema } from './schema/json-schema.ts';

/** What is made from the schema and committed: path in the repository, and content. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const schema = planJsonSchema();
  return new Map([
    ['schema/plan.schema.json', `${JSON.stringify(schema, null, 2)}\n`],
    ['docs/plan-reference.md', renderReference(schema as JsonSchema)],
  ]);
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..', '..');
  for (const [path, content] of generatedFiles()) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
    process.stdout.write(`wrote ${path}\n`);
  }
}
