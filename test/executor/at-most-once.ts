import type { JournalEntry } from '../../src/executor/contract.ts';
import type { World } from './world.ts';

/**
 * What is wrong between a world and the journal of it: each thing took hold at most once for each effect round, and
 * each is there at the end. Empty when nothing is.
 */
export function findRepeats(
  world: Pick<World, 'heldTimes' | 'done'>,
  names: readonly string[],
  entries: readonly JournalEntry[],
): string[] {
  return names.flatMap(name => {
    const held = world.heldTimes.get(name) ?? 0;
    const gone = entries.filter(({ fact }) => fact.type === 'gone' && fact.effect === name).length;
    return [
      ...(held > 1 + gone ? [`${name} took hold ${held} times in ${1 + gone} effect rounds`] : []),
      ...(world.done.has(name) ? [] : [`${name} is missing`]),
    ];
  });
}
