import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { minutes } from '../../src/plan/duration.ts';
import { afterFailure, type FailureFacts } from '../../src/policy/after-failure.ts';
import { allowedAnswers } from '../../src/policy/answers.ts';

const choice = fc.constantFrom('revert' as const, 'ask' as const);
const facts: fc.Arbitrary<FailureFacts> = fc.record({
  touched: fc.boolean(),
  swapBegun: fc.boolean(),
  hasOpened: fc.boolean(),
  aborted: fc.boolean(),
  notOurs: fc.boolean(),
  verdict: fc.constantFrom('failed' as const, 'inconclusive' as const, 'foreign' as const),
  onFailure: fc.record({
    beforeRestore: choice,
    afterRestore: choice,
    silence: fc.constant('stay' as const),
    within: fc.constant(minutes(1)),
  }),
});
const holds = (property: (f: FailureFacts) => void): void => fc.assert(fc.property(facts, property));

describe('what follows a failure', () => {
  it('is never an undo that nobody asked for, once traffic had opened', () => {
    holds(f => {
      if (f.touched && f.hasOpened) assert.equal(afterFailure(f).answer, 'ask');
    });
  });

  it('asks nobody while nothing live was touched', () => {
    holds(f => {
      if (!f.touched) assert.equal(afterFailure(f).answer, 'revert');
    });
  });

  it('asks whose the platform is, when the engine refuses this run or somebody else changed it', () => {
    holds(f => {
      if (f.touched && (f.notOurs || (f.verdict === 'foreign' && !f.aborted)))
        assert.equal(afterFailure(f).answer, 'ask');
    });
  });

  it('is a revert when the run was aborted before the line, and the engine is still its own', () => {
    holds(f => {
      if (f.touched && f.aborted && !f.hasOpened && !f.notOurs) assert.equal(afterFailure(f).answer, 'revert');
    });
  });

  it('is else what the plan says, by whether anything was swapped', () => {
    holds(f => {
      if (!f.touched || f.hasOpened || f.aborted || f.notOurs || f.verdict === 'foreign') return;
      const wanted = f.swapBegun ? f.onFailure.afterRestore : f.onFailure.beforeRestore;
      assert.equal(afterFailure(f).answer, wanted);
    });
  });

  it('leaves a person no revert past the line, nor within an undo', () => {
    assert.deepEqual(allowedAnswers({ hasOpened: false, undoing: false }), ['retry', 'revert', 'handover']);
    assert.deepEqual(allowedAnswers({ hasOpened: true, undoing: false }), ['retry', 'handover']);
    assert.deepEqual(allowedAnswers({ hasOpened: false, undoing: true }), ['retry', 'handover']);
  });
});
