import type { Finding } from '../faults.ts';
import { type Capability, can } from '../kinds.ts';
import { oneOf } from '../wording.ts';
import { type Check, gateOf, listAt, targetsOf, textsAt, wrongKey } from './loose.ts';

const NEEDS: readonly (readonly [key: string, capability: Capability, words: string])[] = [
  ['probes', 'probe', 'probed'],
  ['tier', 'stop', 'started or stopped'],
  ['stop', 'stop', 'started or stopped'],
  ['data', 'snapshot', 'captured'],
  ['count', 'snapshot', 'captured'],
];

/** No target is asked for what its kind cannot do, and every container has its turn. */
export const checkCapabilities: Check = file => {
  const findings: Finding[] = [];
  for (const target of targetsOf(file)) {
    const { kind, says, path } = target;
    for (const [key, capability, words] of NEEDS) {
      if (!(key in says) || can(kind, capability)) continue;
      findings.push(wrongKey([...path, key], `a ${kind} target cannot be ${words}, expected no ${key}`));
    }
    if (!can(kind, 'stop')) continue;
    const gate = gateOf(file, target);
    if (gate === undefined && !('tier' in says)) {
      const tiers = oneOf(textsAt(file, 'tiers'));
      findings.push(wrongKey(path, `no tier, expected ${tiers}: without one nothing starts or stops it`));
    }
    if (gate === undefined) continue;
    if ('tier' in says) {
      findings.push(wrongKey([...path, 'tier'], `the container of gate ${gate}, expected no tier: thaw starts it`));
    }
    if (listAt(says, 'probes').length > 0) {
      const why = 'it is shut while probes are asked, and verify.front-door judges it';
      findings.push(wrongKey([...path, 'probes'], `the container of gate ${gate}, expected no probes: ${why}`));
    }
  }
  return findings;
};
