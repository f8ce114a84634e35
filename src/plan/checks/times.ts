import { formatDuration, parseDuration } from '../duration.ts';
import type { Finding, Path } from '../faults.ts';
import { type Check, type Loose, mappingAt, mappingsAt, targetsOf, textAt, wrongValue } from './loose.ts';

/** No time is asked for that cannot fit into the time that is given. */
export const checkTimes: Check = file => {
  const findings: Finding[] = [];
  const budgets = mappingAt(file, 'budgets');
  const fits = (holder: Loose, key: string, path: Path, limit: number | undefined, of: string, strictly = true) => {
    const time = timeAt(holder, key);
    if (time === undefined || limit === undefined || time < limit || (!strictly && time === limit)) return;
    const bound = `${strictly ? 'less than' : 'at most'} ${of} (${formatDuration(limit)})`;
    findings.push(wrongValue(path, `${formatDuration(time)}, expected ${bound}`));
  };
  for (const [phase, budget] of mappingsAt(file, 'budgets')) {
    fits(budget, 'target', ['budgets', phase, 'target'], timeAt(budget, 'max'), `budgets.${phase}.max`, false);
  }
  const maxOf = (phase: string) => timeAt(mappingAt(budgets, phase), 'max');
  fits(mappingAt(file, 'verify'), 'window', ['verify', 'window'], maxOf('verify'), 'budgets.verify.max');
  for (const { says, path } of targetsOf(file)) {
    fits(mappingAt(says, 'stop'), 'grace', [...path, 'stop', 'grace'], maxOf('stop'), 'budgets.stop.max');
  }
  const aftercare = mappingAt(file, 'aftercare');
  fits(aftercare, 'every', ['aftercare', 'every'], timeAt(aftercare, 'for'), 'aftercare.for', false);
  return findings;
};

/** Milliseconds, or nothing when it is absent or no duration. */
function timeAt(holder: Loose, key: string): number | undefined {
  try {
    return parseDuration(textAt(holder, key) ?? '');
  } catch {
    return undefined;
  }
}
