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

/** How often a case is played for the sake of its phase, which a machine that stalls may miss. */
const TRIES = 3;

interface Played {
  /** In the very step, and not a moment later. */
  readonly exactly: boolean;
  readonly became: string;
}
type Case = readonly [deed: string, place: Place, title: string, play: (stand: Stand) => Promise<Played>];

/** A cancellation that comes when everything is being undone anyway is the same at each step of it. */
const cancelled = PLACES.filter(({ when, step }) => when !== 'undo' || step === 'swap-in');
let exact = 0;
/** Each deed in each phase, in mid-undo and while held: whether it ever met the very step. */
const phases = new Map<string, boolean>();
const phaseOf = (deed: string, { step, when }: Place): string =>
  `${deed} in ${when === 'forward' ? PHASE_OF[step] : when}`;

/** Once more where its phase was never met in the very step. @returns what came of it, in a line */
async function played(stand: Stand, [deed, place, , play]: Case): Promise<string> {
  const phase = phaseOf(deed, place);
  for (let tries = 1; ; tries += 1) {
    const { exactly, became } = await play(stand);
    phases.set(phase, exactly || phases.get(phase) === true);
    if (exactly) exact += 1;
    if (phases.get(phase) === true || tries === TRIES)
      return `${deed} in ${place.name}${exactly ? '' : ' (met a moment later)'}${became}`;
  }
}

const all: readonly Case[] = [
  ...PLACES.map(
    (place: Place): Case => [
      'terminate',
      place,
      'shut or whole, named, and taken over',
      async stand => {
        const { exactly, stood, outcome } = await terminateAt(stand, place);
        return { exactly, became: `: ${stood}, then ${outcome}` };
      },
    ],
  ),
  ...PLACES.map(
    (place: Place): Case => [
      'reset',
      place,
      'nobody acts beside the first run, and people are told',
      async stand => {
        const { exactly, became, outcome } = await resetAt(stand, place);
        return { exactly, became: `: to that step ${became[0]}, to the first ${became[1]}, then ${outcome}` };
      },
    ],
  ),
  ...cancelled.map(
    (place: Place): Case => [
      'cancel',
      place,
      'an abort, or heard too late',
      async stand => ({ exactly: await cancelAt(stand, place), became: '' }),
    ],
  ),
];
const titleOf = ([deed, place, title]: Case): string => `${deed} in ${place.name}: ${title}`;
const cases = only(all, titleOf);

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
      for (const one of mine)
        await t.test(titleOf(one), async () => {
          try {
            stand ??= await setStand(address);
            done.push(await played(stand, one));
          } catch (error) {
            say(`FAILED: ${titleOf(one)}: ${(error as Error).message.slice(0, 500)}`);
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
