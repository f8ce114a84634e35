import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eachSettling, nameOf } from './calls.ts';
import { usePlayer } from './players.ts';
import { outcomesOf, playAll, type Trial, told } from './run-all.ts';
import { say } from './say.ts';
import { type At, quiet, type Script, WORLDS } from './script.ts';

const play = await usePlayer({ atOnce: 5_000 });

/** What can befall a call that comes when the run is over: nobody can cancel it, and it is tried again until it is done. */
const FAULTS: Readonly<Record<string, (at: At) => Partial<Script>>> = {
  'done, then reported as failed': at => ({ faults: [{ ...at, kind: 'done-then-fails', times: 1 }] }),
  refused: at => ({ faults: [{ ...at, kind: 'refuse', times: 1 }] }),
  'timed out': at => ({ faults: [{ ...at, kind: 'stall', times: 1 }] }),
  'the worker dies before it': at => ({ deeds: [{ ...at, deed: 'dies' }] }),
  'the worker dies after it': at => ({ deeds: [{ ...at, deed: 'dies-after' }] }),
};

describe('every call that drops what undo kept, whatever befalls it', () => {
  for (const shape of Object.keys(WORLDS) as Script['shape'][])
    it(`comes to its end on ${shape}, and destroys nothing that is not captured`, async () => {
      const settles: Script = { ...quiet(shape), phase: 60_000, settles: true };
      const calm = await play(settles);
      const calls = eachSettling(calm);
      assert.ok(
        calls.some(({ call }) => call === 'remove'),
        'what undo kept is dropped',
      );
      const trials = calls.flatMap(at =>
        Object.entries(FAULTS).map(
          ([fault, befalls]): Trial => ({
            name: `${shape}: ${nameOf(at)} of its settling: ${fault}`,
            script: { ...settles, ...befalls(at) },
          }),
        ),
      );
      const tally = await playAll(play, trials);
      say(`${shape}, settling: ${calls.length} calls x ${Object.keys(FAULTS).length} faults: ${told(tally)}`);
      assert.deepEqual(tally.failures, []);
      assert.deepEqual(outcomesOf(tally), { completed: trials.length });
      // Nothing has happened after a look.
      const looks = calls.filter(({ call }) => !calm.changing.includes(call));
      assert.deepEqual(
        tally.missed.toSorted(),
        looks.map(at => `${shape}: ${nameOf(at)} of its settling: the worker dies after it`).sort(),
      );
    });
});
