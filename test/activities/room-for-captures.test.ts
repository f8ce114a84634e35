import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Deps } from '../../src/activities/deps.ts';
import { noRoomForCaptures } from '../../src/activities/room-for-captures.ts';
import type { RunPlan } from '../../src/plan/run-plan.ts';
import { look } from '../support/look.ts';

const store = { kind: 'docker-volume', id: 'data' };
const runPlan = {
  plan: { platform: 'shop', targets: [store], snapshots: { store: '/srv/snapshots' } },
  targets: [{ target: 'data', change: 'kept' }],
} as unknown as RunPlan;
const depsWith = (free: number | undefined) =>
  ({
    drivers: () => ({ of: () => ({ size: async () => 100 }) }),
    snapshots: () => ({ free: async () => free }),
  }) as unknown as Deps;
const faults = async (free: number | undefined) => (await noRoomForCaptures(depsWith(free), runPlan, look())).join();

it('finds room enough, too little, and none where nobody can tell', async () => {
  assert.equal(await faults(100), '');
  assert.match(await faults(99), /has 99 bytes free, and the captures and exports may take 100 \(data 100\)/);
  assert.match(await faults(undefined), /cannot be told how much is free in the snapshot store \/srv\/snapshots/);
});
