import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { useStage } from '../../workflows/shared-worker.ts';
import { eachCall, nameOf } from './calls.ts';
import { play } from './play.ts';
import { playAll, type Trial, told } from './run-all.ts';
import { say } from './say.ts';
import { type At, quiet, type Script, WORLDS } from './script.ts';

const stage = await useStage({ atOnce: 5_000 });
const SHAPES = Object.keys(WORLDS) as Script['shape'][];

/** What can befall one call. Every second run asks a person where it may. */
const FAULTS: Readonly<Record<string, (at: At) => Pick<Script, 'faults' | 'deeds'>>> = {
  'done, then reported as failed': at => ({ faults: [{ ...at, kind: 'done-then-fails', times: 1 }], deeds: [] }),
  refused: at => ({ faults: [{ ...at, kind: 'refuse', times: 1 }], deeds: [] }),
  // Under way when the run is cancelled, and until its attempt hears of it.
  cancelled: at => ({ faults: [{ ...at, kind: 'stall', times: 1 }], deeds: [{ ...at, deed: 'cancel' }] }),
  // Two attempts together are silent for longer than the phase may take.
  'timed out': at => ({ faults: [{ ...at, kind: 'stall', times: 2 }], deeds: [] }),
};
const ANSWERS = ['retry', 'revert', 'handover'] as const;

describe('every call to the engine, whatever befalls it', () => {
  for (const shape of SHAPES) {
    it(`leaves ${shape} in one of the four outcomes, every promise kept`, async () => {
      const calm = await play(stage, { ...quiet(shape), phase: 60_000 });
      assert.equal(calm.report.outcome, 'completed', calm.report.headline);
      const calls = eachCall(calm.calls);
      const trials = calls.flatMap((at, index) =>
        Object.entries(FAULTS).map(
          ([fault, befalls], kind): Trial => ({
            name: `${shape}: ${nameOf(at)} ${fault}`,
            script: {
              ...quiet(shape),
              ...(fault === 'timed out' ? {} : { phase: 60_000 }),
              ...befalls(at),
              ...((index + kind) % 2 === 0 ? { beforeRestore: 'ask', afterRestore: 'ask' } : {}),
              answers: [ANSWERS[(index + kind) % ANSWERS.length]!],
            },
          }),
        ),
      );
      const tally = await playAll(stage, trials);
      say(`${shape}: ${calls.length} calls x ${Object.keys(FAULTS).length} faults: ${told(tally)}`);
      assert.deepEqual(tally.failures, []);
      assert.ok(tally.struck > trials.length * 0.9, `of ${trials.length} faults only ${tally.struck} came to pass`);
    });
  }
});
