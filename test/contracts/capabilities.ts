import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Driver } from '../../src/drivers/contract.ts';
import { type Capability, can } from '../../src/plan/kinds.ts';
import type { Target } from '../../src/plan/plan.ts';
import type { World } from './world.ts';

const METHODS: Readonly<Record<Capability, readonly (keyof Driver)[]>> = {
  observe: ['observe', 'record'],
  stage: ['canStage', 'stage', 'drop'],
  swap: ['commits', 'swapIn', 'swapBack', 'settle'],
  stop: ['stop', 'start'],
  snapshot: ['capture', 'exportOutgoing', 'size', 'countRows'],
  probe: ['probe'],
};

/** A driver has what the table says of its kind, and nothing else. */
export function capabilitySuite<T extends Target>(world: () => World<T>): void {
  for (const capability of Object.keys(METHODS) as Capability[])
    it(`has ${capability} exactly when the table of kinds says so`, () => {
      const { driver, kind, elsewhere } = world();
      if (elsewhere.includes(capability)) return assert.ok(can(kind, capability));
      for (const method of METHODS[capability])
        assert.equal((driver as Driver)[method] !== undefined, can(kind, capability), `${kind}: ${method}`);
    });
}
