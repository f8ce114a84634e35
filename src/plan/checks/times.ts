import { formatDuration, parseDuration } from '../duration.ts';
import type { Finding, Path } from '../faults.ts';
import { type Check, type Loose, mappingAt, mappingsAt, textAt, wrongValue } from './loose.ts';

/** What the verify phase may take when the plan does not say. */
export const VERIFY_MAX = '5m';

/** No time is asked for that cannot fit into the time that is given. */
export const checkTimes: Check = file => {
  const findings: Finding[] = [];
  const fits = (holder: Loose, key: string, path: Path, limit: number | undefined, of: string, strictly = true) => {
    const time = timeAt(holder, key);
    if (time === undefined || limit === undefined || time < limit || (!strictly && time === limit)) return;
    const bound = `${strictly ? 'less than' : 'at most'} ${of} (${formatDuration(limit)})`;
    findings.push(wrongValue(path, `${formatDuration(time)}, expected ${bound}`));
  };
  for (const [phase, budget] of mappingsAt(file, 'budgets')) {
    fits(budget, 'target', ['budgets', phase, 'target'], timeAt(budget, 'max'), `budgets.${phase}.max`, false);
  }
  const verify = mappingAt(mappingAt(file, 'budgets'), 'verify');
  const most = 'max' in verify ? timeAt(verify, 'max') : parseDuration(VERIFY_MAX);
  fits(mappingAt(file, 'verify'), 'window', ['verify', 'window'], most, 'budgets.verify.max');
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
