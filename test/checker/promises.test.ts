import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMPLETED, HELD, REFUSED, REVERTED } from './clean.ts';
import { INNOCENT } from './innocent.ts';
import { PLANTED_IN_PLATFORM } from './planted-i1-i3.ts';
import { PLANTED_IN_RECORD } from './planted-i4-i7.ts';
import { checkPromises, judgePromises, PARTS, PROMISES } from './promises.ts';

const PLANTED = [...PLANTED_IN_PLATFORM, ...PLANTED_IN_RECORD];

for (const [outcome, evidence] of Object.entries({
  completed: COMPLETED,
  reverted: REVERTED,
  refused: REFUSED,
  held: HELD,
})) {
  test(`a run that was ${outcome} as it should keeps all seven promises`, () => {
    assert.deepEqual(checkPromises(evidence), []);
  });
}

for (const { title, evidence } of INNOCENT) {
  test(`no breach: ${title}`, () => assert.deepEqual(checkPromises(evidence), []));
}

for (const { part, title, evidence } of PLANTED) {
  test(`${part} catches: ${title}`, () => {
    const caught = checkPromises(evidence, []).filter(breach => breach.part === part && breach.state === 'broken');
    assert.notEqual(caught.length, 0);
  });
}

test('every part of every promise has a planted breach, and every promise has a part', () => {
  const planted = new Set(PLANTED.map(({ part }) => part));
  assert.deepEqual(
    PARTS.filter(({ name }) => !planted.has(name)),
    [],
  );
  for (const promise of PROMISES) assert.ok(PARTS.some(({ name }) => name.startsWith(`${promise}.`)));
});

test('what has no evidence is unchecked and never kept, part by part', () => {
  assert.deepEqual(
    judgePromises({}).filter(({ state }) => state !== 'unchecked'),
    [],
  );
  const unchecked = checkPromises({});
  assert.deepEqual(
    unchecked.map(({ promise, state }) => [promise, state]),
    PROMISES.map(promise => [promise, 'unchecked']),
  );
});

test('no empty list of what should have been looked at counts as a look', () => {
  const empty = {
    outcome: 'completed',
    targets: [],
    gates: [],
    journals: [],
    writes: [],
    texts: [],
    canaries: [],
    escalations: [],
  } as const;
  const kept = judgePromises(empty).filter(({ state }) => state === 'kept');
  assert.deepEqual(
    kept.map(({ part }) => part),
    ['I1.outcome'],
  );
});

test('a part that is demanded and has no evidence is unchecked, though its promise is kept elsewhere', () => {
  const { writes: _, ...without } = COMPLETED;
  assert.deepEqual(checkPromises(without), []);
  assert.deepEqual(
    checkPromises(without, ['I3', 'I3.writes']).map(({ part, state }) => [part, state]),
    [['I3.writes', 'unchecked']],
  );
});
