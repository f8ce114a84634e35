import type { Finding, Path } from '../faults.ts';
import { type Check, isMapping, listAt, mappingsAt, targetsOf, textAt, wrongValue } from './loose.ts';

/** Nothing is named twice: a run would act on it twice, or in two tiers. */
export const checkUniqueness: Check = file => {
  const findings: Finding[] = [];
  const seen = new Map<string, string>();
  const once = (what: string, name: unknown, path: Path, by: string) => {
    if (typeof name !== 'string') return;
    const key = `${what} ${name}`;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, by);
    else findings.push(wrongValue(path, `${what} ${JSON.stringify(name)} is ${first} already, expected it once`));
  };
  listAt(file, 'tiers').forEach((tier, index) => {
    once('tier', tier, ['tiers', index], `tiers[${index}]`);
  });
  for (const { id, kind, object, path } of targetsOf(file)) {
    const what = { docker: 'container', 'docker-volume': 'volume', files: 'path' }[kind];
    once(what, object, [...path, kind], `target ${id}`);
  }
  for (const [name, gate] of mappingsAt(file, 'gates')) {
    once('gate container', textAt(gate, 'docker'), ['gates', name, 'docker'], `gate ${name}`);
  }
  listAt(file, 'escalation').forEach((level, index) => {
    if (!isMapping(level) || typeof level['level'] !== 'number' || level['level'] === index + 1) return;
    findings.push(
      wrongValue(['escalation', index, 'level'], `${level['level']}, expected ${index + 1}: levels in order`),
    );
  });
  return findings;
};
