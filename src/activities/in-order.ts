import { DriverError } from '../drivers/errors.ts';
import type { TargetId } from '../plan/ids.ts';
import type { Graph } from '../policy/dependants.ts';

/** Several targets side by side, each after those that it must wait for. */
export interface InOrder {
  /** Those that are waited for come first, so that a bound on how many are at work cannot make them wait for each other. */
  readonly targets: readonly TargetId[];
  /** Does `work` once it was done for all that `target` waits for. @throws DriverError refused when it failed for one of them */
  turn<R>(target: TargetId, work: () => Promise<R>): Promise<R>;
}

/** @param after target -> whom it waits for; those that are not among `targets` are not waited for */
export function inOrder(targets: readonly TargetId[], after: Graph): InOrder {
  const turns = new Map(targets.map(target => [target, Promise.withResolvers<boolean>()]));
  const waitsFor = (target: TargetId) => (after.get(target) ?? []).filter(one => turns.has(one));
  return {
    targets: sorted(targets, waitsFor),
    async turn(target, work) {
      const mine = turns.get(target);
      try {
        for (const one of waitsFor(target))
          if (!(await turns.get(one)?.promise))
            throw new DriverError('refused', `it waits for ${one}, which failed; nothing was changed here`);
        const result = await work();
        mine?.resolve(true);
        return result;
      } catch (error) {
        mine?.resolve(false);
        throw error;
      }
    },
  };
}

function sorted(targets: readonly TargetId[], waitsFor: (target: TargetId) => readonly TargetId[]): TargetId[] {
  const done = new Set<TargetId>();
  const visit = (target: TargetId, path: ReadonlySet<TargetId>): void => {
    if (done.has(target) || path.has(target)) return;
    for (const one of waitsFor(target)) visit(one, new Set([...path, target]));
    done.add(target);
  };
  for (const target of targets) visit(target, new Set());
  return [...done];
}
