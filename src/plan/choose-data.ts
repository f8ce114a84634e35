import type { Fault } from './faults.ts';
import type { DataChoice, Plan, VolumeTarget } from './plan.ts';
import type { RollbackRequest } from './rollback-request.ts';
import { didYouMean, oneOf } from './wording.ts';

/**
 * The plan with a request's choices of data in place of its own. Gives every fault when a choice names no store, would
 * lose what nobody can count, or parts stores that belong together: the plan's own choices were held to the same.
 */
export function chooseData(
  plan: Plan,
  data: NonNullable<RollbackRequest['data']>,
): { readonly plan: Plan } | { readonly faults: readonly Fault[] } {
  const choices: Readonly<Record<string, DataChoice>> = data;
  const targets = plan.targets.map(target =>
    target.kind === 'docker-volume' ? { ...target, data: choices[target.id] ?? target.data } : target,
  );
  const stores = targets.filter(target => target.kind === 'docker-volume');
  const named = stores.map(store => store.id as string);
  const unknown = Object.keys(choices)
    .filter(id => !named.includes(id))
    .map(id => faultOf(id, `no store of ${plan.platform}, expected ${oneOf(named)}${didYouMean(id, named)}`));
  const faults = [...unknown, ...stores.flatMap(store => faultsOf(store, stores))];
  return faults.length === 0 ? { plan: { ...plan, targets } } : { faults };
}

function faultsOf(store: VolumeTarget, stores: readonly VolumeTarget[]): readonly Fault[] {
  if (store.data !== 'restore') return [];
  const faults: Fault[] = [];
  if (store.count === undefined) {
    faults.push(
      faultOf(store.id, 'restore, but the plan counts no rows of it, expected keep: the loss cannot be told'),
    );
  }
  const left = stores.filter(other => other.data === 'keep' && other.together === store.together);
  if (store.together !== undefined && left.length > 0) {
    const names = left.map(other => other.id).join(', ');
    faults.push(faultOf(store.id, `restore without ${names}, expected all or none: they are together`));
  }
  return faults;
}

const faultOf = (store: string, message: string): Fault => ({
  file: 'request',
  line: 0,
  column: 0,
  path: `data.${store}`,
  message,
});
