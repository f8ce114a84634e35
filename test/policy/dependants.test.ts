import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TargetId, TierName } from '../../src/plan/ids.ts';
import type { ContainerTarget, Plan } from '../../src/plan/plan.ts';
import type { PlannedTarget, TargetState } from '../../src/plan/run-plan.ts';
import type { Use } from '../../src/plan/use.ts';
import { graphOf, orderFaults, strandedFaults, turned, withDependants } from '../../src/policy/dependants.ts';

/** Target `a` is container `c-a`. */
const plan = (tiers: Readonly<Record<string, string>>): Pick<Plan, 'targets' | 'tiers'> => ({
  tiers: ['low', 'high'] as TierName[],
  targets: Object.entries(tiers).map(
    ([id, tier]) =>
      ({ kind: 'docker', id, container: `c-${id}`, ...(tier === '' ? {} : { tier }) }) as unknown as ContainerTarget,
  ),
});
const use = (of: string, how: Use['how'] = 'network'): Use => ({ container: `c-${of}`, how });
const state = (target: string, ...uses: Use[]): TargetState => ({ target, uses }) as unknown as TargetState;
const planned = (target: string, change: PlannedTarget['change']): PlannedTarget =>
  ({ target, change }) as unknown as PlannedTarget;
const id = (text: string) => text as TargetId;

describe('who holds on to whom', () => {
  const three = plan({ a: 'low', b: 'low', c: 'high' });

  it('is told by targets, and leaves out what is none', () => {
    const graph = graphOf(three, [
      state('a'),
      state('b', use('a'), use('stranger'), use('a', 'volumes')),
      state('c', use('b')),
    ]);
    assert.deepEqual(
      [...graph],
      [
        ['b', ['a']],
        ['c', ['b']],
      ],
    );
    assert.deepEqual(
      [...turned(graph)],
      [
        ['a', ['b']],
        ['b', ['c']],
      ],
    );
  });

  it('makes an unchanged target again after its provider, and those that hold on to it in turn', () => {
    const states = [state('a'), state('b', use('a')), state('c', use('b', 'volumes'))];
    const all = [planned('a', 'changed'), planned('b', 'unchanged'), planned('c', 'unchanged')];
    const found = withDependants(three, all, states);
    assert.deepEqual(
      found.map(({ change, because }) => [change, because]),
      [
        ['changed', undefined],
        ['changed', 'shares the network of c-a, which is made again'],
        ['changed', 'mounts the volumes of c-b, which is made again'],
      ],
    );
  });

  it('leaves what holds on to an unchanged one alone', () => {
    const states = [state('a'), state('b', use('a')), state('c')];
    const all = [planned('a', 'unchanged'), planned('b', 'unchanged'), planned('c', 'changed')];
    assert.deepEqual(withDependants(three, all, states), all);
  });

  it('refuses one that would start before its provider, or that waits for itself', () => {
    const early = orderFaults(three, new Map([[id('a'), [id('c')]]]));
    assert.equal(early.length, 1);
    assert.match(early.join(), /a holds on to c, which starts after it: put a in the tier of c or above/);
    const gate = plan({ a: 'low', gate: '' });
    assert.equal(orderFaults(gate, new Map([[id('a'), [id('gate')]]])).length, 1);
    assert.deepEqual(orderFaults(gate, new Map([[id('gate'), [id('a')]]])), []);
    const loop = orderFaults(
      three,
      new Map([
        [id('a'), [id('b')]],
        [id('b'), [id('a')]],
      ]),
    );
    assert.match(loop.join(), /a holds on to b holds on to a: none of them can be made first/);
  });

  it('refuses one that runs in a namespace whose lender is gone, unless the plan accepts it', () => {
    const gone = { container: 'f'.repeat(64), how: 'processes' as const };
    const stranded = (accepted: readonly string[], activity = 'running', use: Use = gone) =>
      strandedFaults({ ...three, accept: { containers: accepted } }, [
        { ...state('a', use), activity } as unknown as TargetState,
      ]);
    assert.match(
      stranded([]).join(),
      /container c-a shares the processes of ffffffffffff, which is gone.*Make c-a again/,
    );
    assert.deepEqual(stranded(['c-a']), []);
    assert.deepEqual(stranded([], 'exited'), []);
    assert.deepEqual(stranded([], 'running', { ...gone, how: 'volumes' }), []);
  });
});
