import type { z } from 'zod';
import type { Finding, Path } from '../faults.ts';
import { plainWords } from './plain-words.ts';
import { type PlanFile, planFile } from './plan-file.ts';

/** The file as the schema reads it, or everything that it finds wrong. */
export function matchPlanFile(value: unknown): { readonly file: PlanFile } | { readonly findings: readonly Finding[] } {
  const result = planFile.safeParse(value, { error: plainWords });
  return result.success ? { file: result.data } : { findings: findingsOf(result.error) };
}

/** One finding a fault: of unknown keys each is its own, at the key. */
export function findingsOf(error: z.ZodError): readonly Finding[] {
  return error.issues.flatMap((issue): Finding | Finding[] => {
    const path = issue.path as Path;
    if (issue.code === 'unrecognized_keys') {
      const messages = issue.message.split('\n');
      return issue.keys.map((key, index) => ({ path: [...path, key], at: 'key', message: messages[index] ?? '' }));
    }
    const at = issue.code === 'invalid_key' || issue.message.startsWith('unknown key') ? 'key' : 'value';
    return { path, at, message: issue.message };
  });
}
