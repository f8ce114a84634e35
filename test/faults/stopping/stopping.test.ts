import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { PHASE_OF } from '../../../src/run/step.ts';
import { type Stand, say, setStand } from '../../platforms/stand.ts';
import { only } from '../../support/only.ts';
import { useTemporal } from '../../support/temporal.ts';
import { cancelAt } from './cancel.ts';
import { PLACES, type Place } from './places.ts';
import { resetAt } from './reset.ts';
import { terminateAt } from './terminate.ts';

/** Stands beside each other: much of a run is waiting. */
const LANES = 5;
const { address } = await useTemporal();

type Case = readonly [title: string, run: (stand: Stand) => Promise<string>];

/** A cancellation that comes when everything is being undone anyway is the same at each step of it. */
const cancelled = PLACES.filter(({ when, step }) => when !== 'undo' || step === 'swap-in');
let exact = 0;
/** Each deed in each phase, in mid-undo and while held: whether it ever met the very step. */
const phases = new Map<string, boolean>();
const met = (deed: string, { step, when }: Place, exactly: boolean): string => {
  if (exactly) exact += 1;
  const phase = `${deed} in ${when === 'forward' ? PHASE_OF[step] : when}`;
  phases.set(phase, exactly || phases.get(phase) === true);
  return exactly ? '' : ' (met a moment later)';
};

const all: readonly Case[] = [
  ...PLACES.map(
    (place: Place): Case => [
      `terminate in ${place.name}: shut or whole, named, and taken over`,
      async stand => {
        const { exactly, stood, outcome } = await terminateAt(stand, place);
        return `terminate in ${place.name}${met('terminate', place, exactly)}: ${stood}, then ${outcome}`;
      },
    ],
  ),
  ...PLACES.map(
    (place: Place): Case => [
      `reset in ${place.name}: nobody acts beside the first run, and people are told`,
      async stand => {
        const { exactly, became, outcome } = await resetAt(stand, place);
        return `reset in ${place.name}${met('reset', place, exactly)}: to that step ${became[0]}, to the first ${became[1]}, then ${outcome}`;
      },
    ],
  ),
  ...cancelled.map(
    (place: Place): Case => [
      `cancel in ${place.name}: an abort, or heard too late`,
      async stand => `cancel in ${place.name}${met('cancel', place, await cancelAt(stand, place))}`,
    ],
  ),
];
const cases = only(all, ([title]) => title);

describe('a workflow that is cancelled, terminated or reset on real containers', { concurrency: LANES }, () => {
  const done: string[] = [];
  after(() => {
    for (const line of done.sort()) say(line);
    say(`stopped from outside at ${done.length} of ${cases.length} points, ${exact} of them in the very step`);
    const never = [...phases].flatMap(([phase, exactly]) => (exactly ? [] : [phase]));
    assert.deepEqual(never, [], 'met a moment later each time');
    assert.ok(exact >= done.length * 0.8, `met in the very step only ${exact} times of ${done.length}`);
  });
  for (let lane = 0; lane < LANES; lane += 1) {
    const mine = cases.filter((_, index) => index % LANES === lane);
    it(`ends as its people were told, lane ${lane + 1} of ${LANES}`, async t => {
      let stand: Stand | undefined;
      t.after(() => stand?.end());
      for (const [title, run] of mine)
        await t.test(title, async () => {
          try {
            stand ??= await setStand(address);
            done.push(await run(stand));
          } catch (error) {
            say(`FAILED: ${title}: ${(error as Error).message.slice(0, 500)}`);
            // What a failed case left behind is not the next one's to bear.
            const left = stand;
            stand = undefined;
            await left?.end();
            throw error;
          }
        });
    });
  }
});
