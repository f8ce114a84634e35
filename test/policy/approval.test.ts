import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { minutes } from '../../src/plan/duration.ts';
import { countsFor, judgeApproval, SHORTEST_HASH, type Vote } from '../../src/policy/approval.ts';

const HASH = 'ab'.repeat(32);
const rule = (approvals: number) => ({ approvals, by: [], within: minutes(1), silence: 'refuse' as const });
const confirm = (by: string, hash = HASH): Vote => ({ kind: 'confirm', by, hash });
const judge = (approvals: number, votes: readonly Vote[], now = 0) =>
  judgeApproval({ rule: rule(approvals), hash: HASH, requester: 'r', votes, askedAt: 0, now });

describe('an approval', () => {
  it('counts for the run hash, and for a prefix of at least eight characters', () => {
    fc.assert(
      fc.property(fc.nat(HASH.length), length => {
        assert.equal(countsFor(HASH, confirm('ada', HASH.slice(0, length))).counted, length >= SHORTEST_HASH);
      }),
    );
  });

  it('counts for no other hash, however it is spelt', () => {
    assert.equal(countsFor(HASH, confirm('ada', HASH.toUpperCase())).counted, true);
    assert.equal(countsFor(HASH, confirm('ada', `${HASH}0`)).counted, false);
    assert.equal(countsFor(HASH, confirm('ada', 'cd'.repeat(32))).counted, false);
  });

  it('of one person counts once, and never more than there are people', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('ada', 'bob', 'eve')), fc.nat(4), (people, approvals) => {
        const verdict = judge(
          approvals,
          people.map(by => confirm(by)),
        );
        assert.equal(verdict.verdict === 'approved', new Set(people).size >= approvals);
      }),
    );
  });

  it('is outweighed by one denial', () => {
    const votes = [confirm('ada'), { kind: 'deny' as const, by: 'eve', hash: '' }];
    assert.deepEqual(judge(1, votes), { verdict: 'denied', reason: 'denied by eve' });
  });

  it('is waited for until its time, and at that moment has expired', () => {
    assert.deepEqual(judge(2, [confirm('ada')], minutes(1) - 1), {
      verdict: 'waiting',
      reason: '1 of 2 approvals',
      missing: 1,
      until: minutes(1),
    });
    assert.equal(judge(2, [confirm('ada')], minutes(1)).verdict, 'expired');
  });
});
