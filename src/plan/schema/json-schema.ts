import { z } from 'zod';
import { unionOf } from './keyed.ts';
import { planFile } from './plan-file.ts';

/** The plan file as JSON schema, draft 7, for editors. It knows the shape; the checks across the file stay ours. */
export function planJsonSchema(): z.core.JSONSchema.BaseSchema {
  return { title: 'A lastgood plan file', ...toJsonSchema(planFile) };
}

function toJsonSchema(schema: z.core.$ZodType): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(schema, {
    target: 'draft-07',
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      const union = unionOf(zodSchema);
      if (union === undefined) return;
      const { $schema: _, ...branches } = toJsonSchema(union);
      Object.assign(jsonSchema, branches);
    },
  }) as z.core.JSONSchema.BaseSchema;
}
