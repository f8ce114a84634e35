import type { Finding, Path } from '../faults.ts';
import type { Kind } from '../plan.ts';

/**
 * The checks read the file as it is written, not as the schema made it, so that a fault in one place hides none in
 * another. What is not of the right shape is skipped: the schema has reported it.
 */
export type Loose = Readonly<Record<string, unknown>>;
export type Check = (file: Loose) => readonly Finding[];

export const isMapping = (value: unknown): value is Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const mappingAt = (holder: Loose, key: string): Loose => {
  const value = holder[key];
  return isMapping(value) ? value : {};
};
/** Members that are mappings themselves, by key. */
export const mappingsAt = (holder: Loose, key: string): readonly (readonly [string, Loose])[] =>
  Object.entries(mappingAt(holder, key)).filter((entry): entry is [string, Loose] => isMapping(entry[1]));
export const listAt = (holder: Loose, key: string): readonly unknown[] => {
  const value = holder[key];
  return Array.isArray(value) ? value : [];
};
export const textAt = (holder: Loose, key: string): string | undefined => {
  const value = holder[key];
  return typeof value === 'string' ? value : undefined;
};
export const textsAt = (holder: Loose, key: string): readonly string[] =>
  listAt(holder, key).filter(item => typeof item === 'string');

export interface LooseTarget {
  readonly id: string;
  readonly kind: Kind;
  /** What its engine or its host calls it. */
  readonly object: string | undefined;
  readonly path: Path;
  readonly says: Loose;
}
const KINDS: readonly Kind[] = ['docker', 'docker-volume', 'files'];

export const targetsOf = (file: Loose): readonly LooseTarget[] =>
  mappingsAt(file, 'targets').flatMap(([id, says]) => {
    const [kind, other] = KINDS.filter(head => head in says);
    if (kind === undefined || other !== undefined) return [];
    return [{ id, kind, object: textAt(says, kind), path: ['targets', id], says }];
  });

/** The target that is the container of a gate. */
export const gateOf = (file: Loose, target: LooseTarget): string | undefined =>
  target.kind !== 'docker'
    ? undefined
    : mappingsAt(file, 'gates').find(([, gate]) => textAt(gate, 'docker') === target.object)?.[0];

export const wrongValue = (path: Path, message: string): Finding => ({ path, at: 'value', message });
export const wrongKey = (path: Path, message: string): Finding => ({ path, at: 'key', message });
