import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CONTENDERS, type Contender, figuresOf, median, type Sample } from '../../bench/figures.ts';
import { parseOptions } from '../../bench/options.ts';

const samples = (given: Readonly<Record<Contender, readonly [outage: number, total: number][]>>): Sample[] =>
  CONTENDERS.flatMap(contender =>
    given[contender].map(([outage, total], at) => ({ contender, round: at + 1, outage, total })),
  );
const GIVEN = samples({
  script: [
    [60, 70],
    [40, 50],
    [50, 61],
  ],
  lastgood: [
    [15, 30],
    [25, 20],
    [20, 25],
  ],
  floor: [
    [16, 18],
    [14, 17],
    [90, 100],
  ],
});
const MB = 1_048_576;

describe('the figures of the bench', () => {
  it('are medians, and ratios of medians, of exactly this shape', () => {
    assert.deepEqual(figuresOf(GIVEN, [9, 3, 12, 6], 200 * MB), {
      outage: { lastgood: 20, script: 50, floor: 16, vsScript: 0.4, vsFloor: 1.25 },
      total: { lastgood: 25, script: 61, floor: 18, vsScript: 0.41, vsFloor: 1.389 },
      stepMs: 7.5,
      workerRssMb: 200,
    });
  });

  it('do not depend on the order of the samples', () => {
    const expected = figuresOf(GIVEN, [1, 2, 3], MB);
    fc.assert(
      fc.property(fc.shuffledSubarray(GIVEN, { minLength: GIVEN.length }), shuffled => {
        assert.deepEqual(figuresOf(shuffled, [3, 1, 2], MB), expected);
      }),
    );
  });

  it('are not given where a contender, the times between steps or the memory were not measured', () => {
    for (const contender of CONTENDERS) {
      const others = GIVEN.filter(sample => sample.contender !== contender);
      assert.throws(() => figuresOf(others, [1], MB), new RegExp(`outage of ${contender}: none was measured`));
    }
    assert.throws(() => figuresOf(GIVEN, [], MB), /times between steps: none was measured/);
    assert.throws(() => figuresOf(GIVEN, [1], Number.NaN), /was not read/);
    assert.throws(() => figuresOf(GIVEN, [1], 0), /was not read/);
  });

  it('are not made of what is no time', () => {
    for (const wrong of [Number.NaN, -1, Number.POSITIVE_INFINITY])
      assert.throws(() => median([1, wrong, 2], 'outage'), /is no time/);
    assert.throws(() => median([0, 0], 'outage'), /is no time/);
  });

  it('have a median that at least half are not above and at least half are not below', () => {
    const times = fc.array(fc.integer({ min: 1, max: 1e6 }), { minLength: 1 });
    fc.assert(
      fc.property(times, values => {
        const middle = median(values, 'x');
        assert.ok(values.filter(value => value <= middle).length * 2 >= values.length);
        assert.ok(values.filter(value => value >= middle).length * 2 >= values.length);
      }),
    );
  });
});

describe('the options of the bench', () => {
  it('are three rounds and 1 GiB, as text, where nothing is said', () => {
    const { rounds, size, json, timeline } = parseOptions([]);
    assert.deepEqual(
      { rounds, size, json, timeline },
      { rounds: 3, size: 1_073_741_824, json: false, timeline: false },
    );
    assert.equal(parseOptions(['-o', 'json', '--size', '64MiB', '--rounds', '5']).size, 64 * MB);
  });

  it('are refused when an even number of rounds, a size without its unit or another output is asked for', () => {
    for (const args of [
      ['--rounds', '2'],
      ['--rounds', '0'],
      ['--rounds', 'x'],
      ['--size', '64'],
      ['--size', '0MiB'],
      ['-o', 'yaml'],
      ['--fast'],
    ])
      assert.throws(() => parseOptions(args), Error, args.join(' '));
  });
});
