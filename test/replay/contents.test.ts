import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { HISTORIES, historyOf, type Moment, readHistory, type Told } from './history.ts';

type Answered = Extract<Moment, { what: 'answered' }>;

const answers = ({ moments }: Told, activity?: string): readonly Answered[] =>
  moments.filter(
    (one): one is Answered => one.what === 'answered' && (activity === undefined || one.activity === activity),
  );
const verdicts = (told: Told, activity: string): readonly (string | undefined)[] =>
  answers(told, activity).map(one => one.result?.verdict);
const undone = (told: Told): readonly Answered[] =>
  answers(told).filter(({ order, result }) => order.direction === 'undo' && result !== undefined);
/** Which activities were asked for between two things that were said; messages to people are none. */
function askedBetween({ moments }: Told, from: string, to: string): readonly string[] {
  const at = (name: string): number => moments.findIndex(one => one.what === 'told' && one.name === name);
  return moments
    .slice(at(from), at(to))
    .flatMap(one => (one.what === 'asked' && one.activity !== 'notify' ? [one.activity] : []));
}
const heard = ({ moments }: Told): readonly string[] =>
  moments.flatMap(one => (one.what === 'told' ? [`${one.name} ${one.said['decide'] ?? ''}`.trim()] : []));
const FORWARD = ['shutGates', 'stopTier', 'swapIn', 'startTier', 'judgeInside', 'openGates', 'judgeFrontDoor'];
const wentForward = (told: Told): void => {
  for (const activity of FORWARD) assert.equal(verdicts(told, activity).at(-1), 'passed', activity);
};

/** What each must hold, or it is not what its name says. */
const HOLDS: Readonly<Record<string, (told: Told) => void>> = {
  completed: told => {
    assert.equal(told.closed, 'completed');
    assert.deepEqual(heard(told), []);
    assert.ok(answers(told).every(({ attempt }) => attempt === 1));
    wentForward(told);
    assert.deepEqual(undone(told), []);
  },
  refused: told => {
    assert.equal(told.closed, 'refused');
    assert.deepEqual(heard(told), []);
    assert.deepEqual(verdicts(told, 'shutGates'), []);
  },
  denied: told => {
    assert.equal(told.closed, 'refused');
    assert.deepEqual(heard(told), ['deny']);
    assert.deepEqual(verdicts(told, 'shutGates'), []);
    assert.deepEqual(verdicts(told, 'dropStaged'), ['passed']);
  },
  approved: told => {
    assert.equal(told.closed, 'completed');
    assert.deepEqual(heard(told), ['confirm']);
    wentForward(told);
  },
  reverted: told => {
    assert.equal(told.closed, 'reverted');
    assert.equal(told.request.takeOver, undefined);
    assert.deepEqual(heard(told), []);
    assert.ok(undone(told).length > 0);
    assert.equal(verdicts(told, 'judgeAsFound').at(-1), 'passed');
  },
  'held-then-retried': told => {
    assert.equal(told.closed, 'completed');
    assert.deepEqual(heard(told), ['decide retry']);
    assert.ok(answers(told, 'ensureShut').length > 0);
    assert.ok(
      answers(told, 'startTier').some(({ order, result }) => order.round === 1 && result?.verdict !== 'passed'),
    );
    assert.ok(
      answers(told, 'startTier').some(({ order, result }) => order.round === 2 && result?.verdict === 'passed'),
    );
  },
  'held-then-handed-over': told => {
    assert.equal(told.closed, 'held');
    assert.deepEqual(heard(told), ['decide handover']);
    assert.ok(verdicts(told, 'startTier').some(verdict => verdict !== 'passed'));
    assert.ok(answers(told, 'ensureShut').length > 0, 'traffic was kept shut');
    assert.deepEqual(undone(told), [], 'nothing is undone unasked');
    assert.deepEqual(verdicts(told, 'openGates'), []);
  },
  'reverted-after-a-failed-revert': told => {
    assert.equal(told.closed, 'reverted');
    assert.deepEqual(heard(told), ['decide retry']);
    const back = undone(told).filter(({ activity }) => activity === 'startTierAsFound');
    const failed = back.findIndex(({ result }) => result?.verdict !== 'passed');
    const again = back.findIndex(({ result }, index) => index > failed && result?.verdict === 'passed');
    assert.ok(failed >= 0 && again > failed, 'an undo failed, and passed when it was tried again');
    assert.ok((back[again]?.order.round ?? 0) > (back[failed]?.order.round ?? 0), 'in a later round');
    assert.ok(answers(told, 'ensureShut').length > 0, 'it was held in between');
  },
  paused: told => {
    assert.equal(told.closed, 'completed');
    assert.deepEqual(heard(told), ['pause', 'confirm', 'resume']);
    assert.deepEqual(askedBetween(told, 'confirm', 'resume'), [], 'nothing was begun while it was paused');
    wentForward(told);
  },
  'worker-killed': told => {
    assert.equal(told.closed, 'completed');
    assert.ok(
      answers(told).some(({ attempt, lost }) => attempt > 1 && lost === 'HEARTBEAT'),
      'an attempt was lost with its worker',
    );
    wentForward(told);
  },
  'taken-over': told => {
    assert.equal(told.closed, 'reverted');
    assert.match(told.request.takeOver ?? '', /^[0-9a-f-]{36}$/);
    assert.deepEqual(verdicts(told, 'takeOver'), ['passed']);
    assert.deepEqual(verdicts(told, 'admit'), []);
    assert.ok(undone(told).some(({ activity }) => activity === 'swapBack'));
  },
  'engine-killed': told => {
    assert.ok(['completed', 'reverted'].includes(told.closed), told.closed);
    assert.ok(
      answers(told).some(({ attempt, lost }) => attempt > 1 && /docker\.sock|engine/.test(lost)),
      'an attempt met an engine that did not answer, and a later one had an answer',
    );
    assert.ok(verdicts(told, 'shutGates').includes('passed'), 'the freeze had begun');
  },
};

describe('a recorded history', async () => {
  const names = (await readdir(HISTORIES)).map(name => name.replace(/\.json$/, ''));

  it('is known by what it must hold, each of them', () => {
    assert.deepEqual(names.toSorted(), Object.keys(HOLDS).toSorted());
  });

  for (const name of names)
    it(`is what its name says: ${name}`, async () => HOLDS[name]?.(readHistory(await historyOf(name))));

  it('of another kind does not pass for it', async () => {
    const kinds = await Promise.all(names.map(async name => [name, readHistory(await historyOf(name))] as const));
    for (const [name, holds] of Object.entries(HOLDS))
      for (const [other, told] of kinds) {
        if (other === name) continue;
        assert.throws(() => holds(told), assert.AssertionError, `${other} passes for ${name}`);
      }
  });
});
