import { createHash } from 'node:crypto';
import { checkCapabilities } from './checks/capabilities.ts';
import { checkData } from './checks/data.ts';
import { type Check, isMapping } from './checks/loose.ts';
import { checkReferences } from './checks/references.ts';
import { checkTimes } from './checks/times.ts';
import { checkUniqueness } from './checks/uniqueness.ts';
import { type Fault, type Finding, formatPath } from './faults.ts';
import type { PlanDigest } from './ids.ts';
import type { Plan } from './plan.ts';
import { matchPlanFile } from './schema/match.ts';
import { toPlan } from './to-plan.ts';
import { readYaml } from './yaml-source.ts';

export type ParsedPlan = { readonly plan: Plan } | { readonly faults: readonly Fault[] };

const CHECKS: readonly Check[] = [checkCapabilities, checkReferences, checkUniqueness, checkData, checkTimes];

/** Nobody reads more, and a file of another kind has one a line. */
const MOST_FAULTS = 200;

/** SHA-256 (hex) of the file's bytes, which are UTF-8. */
export const digestPlan = (text: string): PlanDigest => createHash('sha256').update(text).digest('hex') as PlanDigest;

/**
 * Parses and checks a plan file. `file` is its name, for the faults. Gives the plan, or every fault at once in the
 * file's order. Never throws, whatever the text.
 */
export function parsePlan(text: string, file: string): ParsedPlan {
  const source = readYaml(text);
  const faults = source.faults.map(fault => ({ ...fault, path: formatPath(fault.path) }));
  if (!source.broken) {
    const matched = matchPlanFile(source.value);
    const checked = isMapping(source.value) ? CHECKS.flatMap(check => check(source.value as never)) : [];
    // A check knows more than the schema does of the same place, so its word is kept.
    const findings: readonly Finding[] = [...checked, ...('findings' in matched ? matched.findings : [])];
    if ('file' in matched && findings.length === 0 && faults.length === 0) {
      return { plan: toPlan(matched.file, digestPlan(text)) };
    }
    const places = new Set(faults.map(fault => `${fault.offset} ${fault.path}`));
    for (const { path, at, message } of findings) {
      const fault = { offset: source.locate(path, at), path: formatPath(path), message };
      const place = `${fault.offset} ${fault.path}`;
      if (!places.has(place)) faults.push(fault);
      places.add(place);
    }
  }
  faults.sort((a, b) => a.offset - b.offset);
  const more = faults.length - MOST_FAULTS;
  if (more > 0)
    faults.splice(MOST_FAULTS, more, { ...faults[MOST_FAULTS]!, path: '', message: `and ${more} more faults` });
  return { faults: faults.map(({ offset, path, message }) => ({ file, ...source.position(offset), path, message })) };
}
