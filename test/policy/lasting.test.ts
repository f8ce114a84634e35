import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { TargetId } from '../../src/plan/ids.ts';
import { vanishingFaults } from '../../src/policy/lasting.ts';

it('names what is gone once it is stopped, and nothing else', () => {
  const state = (target: string) => ({ target: target as TargetId });
  assert.deepEqual(vanishingFaults([state('db'), state('web')]), []);
  const faults = vanishingFaults([state('db'), { ...state('gate:ingress'), removedOnceStopped: true }]);
  assert.equal(faults.length, 1);
  assert.match(faults.join(), /^gate:ingress: .* \(--rm\).*: create it without --rm, and record the release again$/);
});
