import type { Finding, Path } from '../faults.ts';
import { didYouMean, oneOf } from '../wording.ts';
import {
  type Check,
  isMapping,
  listAt,
  mappingAt,
  mappingsAt,
  targetsOf,
  textAt,
  textsAt,
  wrongValue,
} from './loose.ts';

/** Every name that stands for something in the plan stands for something. */
export const checkReferences: Check = file => {
  const tiers = textsAt(file, 'tiers');
  const targets = Object.keys(mappingAt(file, 'targets'));
  const hosts = 'hosts' in file ? Object.keys(mappingAt(file, 'hosts')) : ['main'];
  const channels = 'channels' in file ? Object.keys(mappingAt(file, 'channels')) : ['log'];
  const findings: Finding[] = [];
  const check = (what: string, path: Path, name: unknown, known: readonly string[]) => {
    if (typeof name !== 'string' || known.includes(name)) return;
    const found = `unknown ${what} ${JSON.stringify(name)}`;
    findings.push(wrongValue(path, `${found}, expected ${oneOf(known)}${didYouMean(name, known)}`));
  };
  for (const { says, path } of targetsOf(file)) {
    check('tier', [...path, 'tier'], says['tier'], tiers);
    check('host', [...path, 'host'], says['host'], hosts);
    listAt(says, 'used-by').forEach((name, index) => {
      check('target', [...path, 'used-by', index], name, targets);
    });
    check('target', [...path, 'count', 'target'], textAt(mappingAt(says, 'count'), 'target'), targets);
  }
  for (const [name, gate] of mappingsAt(file, 'gates')) check('host', ['gates', name, 'host'], gate['host'], hosts);
  listAt(file, 'escalation').forEach((level, index) => {
    if (!isMapping(level)) return;
    listAt(level, 'tell').forEach((name, place) => {
      check('channel', ['escalation', index, 'tell', place], name, channels);
    });
  });
  return findings;
};
