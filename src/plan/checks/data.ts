import type { Finding } from '../faults.ts';
import { findNearest } from '../nearest.ts';
import {
  type Check,
  isMapping,
  type LooseTarget,
  listAt,
  mappingAt,
  targetsOf,
  textAt,
  wrongKey,
  wrongValue,
} from './loose.ts';

/** A loss can be told before it is accepted, and stores that belong together stay together. */
export const checkData: Check = file => {
  const targets = targetsOf(file);
  const stores = targets.filter(target => target.kind === 'docker-volume');
  return [...stores.flatMap(store => checkLoss(store, targets)), ...checkTogether(stores)];
};

function checkLoss({ says, path }: LooseTarget, targets: readonly LooseTarget[]): Finding[] {
  if (says['data'] === 'restore' && !('count' in says)) {
    const why = 'without it nobody can tell what would be lost';
    return [wrongValue([...path, 'data'], `restore without a count of rows, expected count beside it: ${why}`)];
  }
  const count = mappingAt(says, 'count');
  const asked = targets.find(target => target.id === count['target']);
  if (!('sql' in count) || asked === undefined) return [];
  if (asked.kind !== 'docker') {
    return [wrongValue([...path, 'count', 'target'], `a ${asked.kind} target, expected the container of a database`)];
  }
  const probed = listAt(asked.says, 'probes').some(probe => isMapping(probe) && 'sql' in probe);
  if ('user' in count || probed) return [];
  return [wrongKey([...path, 'count'], `no user, expected one here or in an SQL probe of target ${asked.id}`)];
}

function checkTogether(stores: readonly LooseTarget[]): Finding[] {
  const groups = new Map<string, LooseTarget[]>();
  for (const store of stores) {
    const name = textAt(store.says, 'together');
    if (name !== undefined) groups.set(name, [...(groups.get(name) ?? []), store]);
  }
  return [...groups].flatMap(([name, members]) => {
    const [first, ...others] = members as [LooseTarget, ...LooseTarget[]];
    const choice = choiceOf(first);
    const mixed = others.filter(other => ['keep', 'restore'].includes(choiceOf(other)) && choiceOf(other) !== choice);
    const findings = mixed.map(({ path, says }) => {
      const place = 'data' in says ? [...path, 'data'] : [...path, 'together'];
      const message = `${choiceOf({ says })} together with ${first.id}, expected ${choice} as there: one point or none`;
      return wrongValue(place, message);
    });
    const near =
      others.length > 0
        ? undefined
        : findNearest(
            name,
            [...groups.keys()].filter(other => other !== name),
          );
    if (near === undefined) return findings;
    const alone = `no other store is together with ${JSON.stringify(name)}, expected one, did you mean ${near}?`;
    return [...findings, wrongValue([...first.path, 'together'], alone)];
  });
}

const choiceOf = (store: Pick<LooseTarget, 'says'>): string => textAt(store.says, 'data') ?? 'keep';
