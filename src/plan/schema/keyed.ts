import { z } from 'zod';
import { didYouMean, oneOf, unknownKey, wrong } from '../wording.ts';
import { plainWords } from './plain-words.ts';

/** What each keyed schema takes, for the JSON schema: a plain union of its branches. */
const UNIONS = new WeakMap<z.core.$ZodType, z.core.$ZodType>();
export const unionOf = (schema: z.core.$ZodType): z.core.$ZodType | undefined => UNIONS.get(schema);

/**
 * One of several mappings, told apart by which head key it has: `docker: name` or `files: path`. Unlike a plain union
 * it judges by the branch that was meant, so a fault names the one key that is wrong.
 */
export function keyed<const Branches extends Readonly<Record<string, z.ZodType>>>(branches: Branches) {
  type Out = z.output<Branches[keyof Branches]>;
  const heads = Object.keys(branches);
  const schema = z.unknown().transform((value, context): Out => {
    const fail = (message: string, path: string[] = []) => {
      context.addIssue({ code: 'custom', message, path, input: undefined });
      return z.NEVER;
    };
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return fail(wrong(value, `a mapping with ${oneOf(heads)}`));
    }
    const found = heads.filter(head => head in value);
    if (found.length > 1) return fail(`${found.join(' and ')} together, expected ${oneOf(heads)}`, [found[1]!]);
    if (found.length === 0) {
      const misspelt = Object.keys(value).find(key => didYouMean(key, heads) !== '');
      if (misspelt !== undefined) return fail(`${unknownKey(misspelt, heads)}`, [misspelt]);
      return fail(`says nothing of its kind, expected ${oneOf(heads)}`);
    }
    const result = branches[found[0]!]!.safeParse(value, { error: plainWords });
    if (result.success) return result.data as Out;
    for (const issue of result.error.issues) context.issues.push({ ...issue, input: undefined } as never);
    return z.NEVER;
  });
  UNIONS.set(schema, z.union(Object.values(branches) as unknown as [z.ZodType, z.ZodType]));
  return schema;
}
