import type { Look } from '../drivers/contract.ts';
import type { RunPlan } from '../plan/run-plan.ts';
import type { Deps } from './deps.ts';
import { found } from './session.ts';

/**
 * Why the snapshot store could not hold what this run will write to it, or nothing: the captures of the stores that it
 * keeps, and the export of those that it replaces, without which their old trees can never go. How far data can be made
 * smaller is not known before it is read, so there must be room for all of it: a disk that is full is learned of
 * before the freeze, not with every tier down.
 */
export async function noRoomForCaptures(deps: Deps, { plan, targets }: RunPlan, look: Look): Promise<string[]> {
  const driver = deps.drivers(plan).of('docker-volume');
  const kept = plan.targets.filter(target => target.kind === 'docker-volume');
  const captured = kept.filter(store =>
    targets.some(one => one.target === store.id && (one.change === 'kept' || one.change === 'restored')),
  );
  if (captured.length === 0) return [];
  const free = await deps.snapshots(plan).free();
  if (free === undefined) {
    const where = plan.snapshots.store;
    return [`it cannot be told how much is free in the snapshot store ${where}: see that it is there and may be read`];
  }
  const sizes = await Promise.all(captured.map(store => found(driver.size, 'size').call(driver, store, look)));
  const needed = sizes.reduce((sum, size) => sum + size, 0);
  if (needed <= free) return [];
  const parts = captured.map((store, index) => `${store.id} ${sizes[index]}`).join(', ');
  return [
    `the snapshot store ${plan.snapshots.store} has ${free} bytes free, and the captures and exports may take ${needed} (${parts}): free some, or point the plan to a larger disk`,
  ];
}
