import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eachCall, isBeforeEach, isByTime, nameOf, saying } from './calls.ts';
import { usePlayer } from './players.ts';
import { playAll, type Tally, type Trial, told } from './run-all.ts';
import { say } from './say.ts';
import { type At, quiet, type Script, WORLDS } from './script.ts';

const play = await usePlayer({ atOnce: 5_000 });
/** Keeps no workflow in memory: each of its turns replays the whole history, so that it plays one in so many. */
const forgetting = await usePlayer({ atOnce: 5_000, cached: 0 });
const ONE_IN = 5;

/** The call with which each step before the line fails, where a shape has it: the last one of that name before traffic opens, or the nth. */
const FAILING = {
  stage: ['create', 'web.lg-*'],
  recheck: ['strangers', '*', 2],
  'shut-gates': ['stop', 'gate'],
  'capture-live': ['count', 'data'],
  'stop-tiers': ['stop', 'web'],
  'capture-stopped': ['capture', 'data'],
  'swap-in': ['rename', 'web.lg-*'],
  'swap-in of data': ['swap', 'data'],
  'swap-in of files': ['swap-file', '/etc/web'],
  'start-tiers': ['start', 'web'],
  'judge-inside': ['probe', 'web'],
} as const;
const ANSWERS = ['retry', 'revert', 'handover'] as const;
/** Steps that a shape has not: no data is replaced there, or no file. */
const WITHOUT: Readonly<Record<Script['shape'], readonly (keyof typeof FAILING)[]>> = {
  'one-tier': ['swap-in of data'],
  restored: ['capture-stopped', 'swap-in of files'],
  'side-by-side': ['swap-in of data', 'swap-in of files'],
};

describe('every failing step, and every failing undo of it', () => {
  for (const shape of Object.keys(WORLDS) as Script['shape'][]) {
    it(`leaves ${shape} in one of the four outcomes, every promise kept`, async () => {
      // What is refused is refused at once: no phase is over before a slow machine is.
      const patient: Script = { ...quiet(shape), phase: 60_000 };
      const calm = eachCall((await play(patient)).calls);
      const trials: Trial[] = [];
      const steps: string[] = [];
      for (const [step, [call, target, nth]] of Object.entries<readonly [string, string, number?]>(FAILING)) {
        const failing = calm.findLast(at => at.call === call && at.target === target && (nth ?? at.nth) === at.nth);
        if (failing === undefined) continue;
        steps.push(step);
        const script: Script = { ...patient, faults: [{ ...failing, kind: 'refuse', times: 1 }] };
        const reverted = await play(script);
        const outcome = step === 'stage' || step === 'recheck' ? 'refused' : 'reverted';
        assert.equal(reverted.report.outcome, outcome, `${shape}, ${step}: ${reverted.report.headline}`);
        for (const undo of undosOf(eachCall(reverted.calls), failing)) {
          const index = trials.length;
          const faults: Script['faults'] = [...script.faults, { ...undo, kind: 'refuse', times: 1 }];
          trials.push({
            name: `${shape}: ${step} fails, and ${nameOf(undo)} of its undo`,
            at: undo,
            befalls: faults.map(saying),
            script: {
              ...script,
              faults,
              answers: [ANSWERS[index % ANSWERS.length]!],
            },
          });
        }
      }
      const expected = Object.keys(FAILING).filter(step => !(WITHOUT[shape] as readonly string[]).includes(step));
      assert.deepEqual(steps, expected, 'a call may have another name now');
      const tally = await playAll(play, trials);
      say(`${shape}: ${steps.length} failing steps x their failing undos: ${told(tally)}`);
      assert.deepEqual(tally.failures, []);
      bothFailed(trials, tally);
      if (shape === 'one-tier') return;
      const some = trials.filter((_, index) => index % ONE_IN === 0);
      // A worker without a cache that is given many turns at once replays them all, and misses them all.
      const forgotten = await playAll(forgetting, some, { sideBySide: 4 });
      say(`${shape}, no workflow cached, one in ${ONE_IN}: ${told(forgotten)}`);
      assert.deepEqual(forgotten.failures, []);
      bothFailed(some, forgotten);
    });
  }
});

/** The step and its undo, but for looks that may not come again. */
function bothFailed(trials: readonly Trial[], { missed }: Tally): void {
  const not = trials.filter(({ name }) => missed.includes(name));
  if (not.length > 0) say(`  only one of the two failed in ${not.map(({ name }) => name).join('; ')}`);
  const mayMiss = ({ at, script }: Trial): boolean => isByTime(at!) || isByTime(script.faults[0]!);
  assert.deepEqual(
    not.flatMap(one => (mayMiss(one) ? [] : [one.name])),
    [],
  );
  assert.ok(not.length <= trials.length * 0.05, `of ${trials.length} in ${not.length} only one of the two failed`);
}

/** The first call of each name and target after the failing one. */
function undosOf(calls: readonly At[], failing: At): readonly At[] {
  const from = calls.findIndex(at => nameOf(at) === nameOf(failing));
  const seen = new Set<string>();
  return calls.slice(from + 1).filter(({ call, target }) => {
    const fresh = !seen.has(`${call} ${target}`) && !isBeforeEach({ call });
    seen.add(`${call} ${target}`);
    return fresh;
  });
}
