import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { inOrder } from '../../src/activities/in-order.ts';
import { DriverError } from '../../src/drivers/errors.ts';
import type { TargetId } from '../../src/plan/ids.ts';

const ids = (...texts: string[]) => texts as TargetId[];
const [a, b, c] = ids('a', 'b', 'c') as [TargetId, TargetId, TargetId];

describe('several targets in order', () => {
  it('puts those that are waited for first, so that a bound cannot stall them', () => {
    const { targets } = inOrder(
      [c, b, a],
      new Map([
        [c, [b]],
        [b, [a]],
      ]),
    );
    assert.deepEqual(targets, [a, b, c]);
  });

  it('does one after the other where they wait, and side by side where they do not', async () => {
    const { turn } = inOrder([a, b, c], new Map([[b, [a]]]));
    const seen: string[] = [];
    const work = (name: string) => async () => {
      seen.push(`${name} begins`);
      await setImmediate();
      seen.push(`${name} ends`);
    };
    await Promise.all([turn(b, work('b')), turn(a, work('a')), turn(c, work('c'))]);
    assert.deepEqual(seen.slice(0, 3), ['a begins', 'c begins', 'a ends']);
    assert.ok(seen.indexOf('b begins') > seen.indexOf('a ends'));
  });

  it('does nothing to one whose provider failed, and says so', async () => {
    const { turn } = inOrder(
      [a, b, c],
      new Map([
        [b, [a]],
        [c, [b]],
      ]),
    );
    const failing = turn(a, () => Promise.reject(new Error('no'))).catch(() => 'failed');
    let touched = false;
    const work = async () => {
      touched = true;
    };
    const refused = (error: unknown) => error instanceof DriverError && /waits for/.test(error.message);
    await Promise.all([assert.rejects(turn(b, work), refused), assert.rejects(turn(c, work), refused), failing]);
    assert.equal(touched, false);
  });

  it('waits for nobody who is not among them', async () => {
    const { turn } = inOrder([b], new Map([[b, [a]]]));
    assert.equal(await turn(b, async () => 'done'), 'done');
  });
});
