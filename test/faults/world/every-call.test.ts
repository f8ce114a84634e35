import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eachCall, isBeforeEach, isByTime, nameOf, saying } from './calls.ts';
import { HEARTBEAT_MS, type Played } from './play.ts';
import { usePlayer } from './players.ts';
import { type Ended, playAll, type Tally, type Trial, told } from './run-all.ts';
import { say } from './say.ts';
import { type At, quiet, type Script, WORLDS } from './script.ts';

const play = await usePlayer({ atOnce: 5_000 });
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
/** A refusal is told at once, and one shape shows it; pairs refuse what each step and each undo rests on in all of them. */
const befalling = (shape: Script['shape']) =>
  Object.entries(FAULTS).filter(([fault]) => fault !== 'refused' || shape === 'one-tier');
/** What of a run's report shows that it befell. A call of its very end may come too late for that. */
const SHOWS: Readonly<Record<string, (played: Played) => boolean>> = {
  cancelled: ({ report }) => report.heard.some(({ kind }) => kind === 'cancel'),
  // Given up by the phase, or by the server that heard no heartbeat and gave the work out again.
  'timed out': ({ report }) => report.steps.some(step => lasted(step) >= HEARTBEAT_MS),
};
const lasted = ({ beganAt, endedAt }: { readonly beganAt: string; readonly endedAt?: string }): number =>
  endedAt === undefined ? 0 : Date.parse(endedAt) - Date.parse(beganAt);
const WHILE_UNDOING = Object.entries(FAULTS).filter(([fault]) => fault !== 'refused');
const ANSWERS = ['retry', 'revert', 'handover'] as const;

const showing = (at: At, fault: string): Partial<Trial> => {
  const shows = SHOWS[fault];
  // The very last call of a run is in none of its steps.
  return { at, fault, ...(shows === undefined || at.call === 'unclaim' ? {} : { shows }) };
};

interface Befallen {
  readonly trial: Trial;
  readonly end: Ended;
  /** How the run ends when nothing else befalls it. */
  readonly well: string;
  readonly isLook: boolean;
}

/** How each kind may end. */
const MAY_END: Readonly<Record<string, (befallen: Befallen) => boolean>> = {
  // It is seen to be done, or asked once more: a look that fails beside the start that was to fail, together with that.
  'done, then reported as failed': ({ end: { outcome }, well, isLook }) =>
    outcome === well || (isLook && outcome === 'completed'),
  // Whoever cancels has it taken back, or finished past the line: nobody is asked. What is asked of the engine just
  // before the start that was to fail is cancelled with it: then the start of what was found fails instead.
  cancelled: ({ end: { outcome, headline }, trial: { at } }) =>
    outcome !== 'held' || (isBeforeEach(at!) && headline.includes('scripted refuse')),
};

/** Each kind by itself, on each call that changes something, and on each look but for those that may not come again. */
async function mustBefall(
  faults: readonly (readonly [string, unknown])[],
  trials: readonly Trial[],
  { struck, missed, ends }: Tally,
  { changing, report: { outcome: well } }: Pick<Played, 'changing' | 'report'>,
): Promise<void> {
  assert.ok(struck > trials.length * 0.9, `of ${trials.length} faults only ${struck} came to pass`);
  const isLook = ({ at }: Trial): boolean => at !== undefined && !changing.includes(at.call);
  for (const [fault] of faults) {
    const all = trials.filter(one => one.fault === fault);
    const not = all.filter(({ name }) => missed.includes(name));
    const names = not.length === 0 ? '' : `, not in ${not.map(nameIn).join('; ')}`;
    say(`  ${fault}: came to pass ${all.length - not.length} times of ${all.length}${names}`);
    // On a machine that was busy elsewhere a phase of few seconds may be over before: asked once more, alone.
    const must = not.filter(one => !(isLook(one) && isByTime(one.at!)));
    const again = await playAll(play, must, { sideBySide: 2 });
    assert.deepEqual([...again.failures, ...again.missed], [], `${fault}: what did not come to pass`);
    assert.ok(not.length < Math.max(3, all.length * 0.15), `${fault}: not ${not.length} times`);
    const mayEnd = MAY_END[fault] ?? (() => true);
    const endOf = ({ name }: Trial): Ended => (again.ends.get(name) ?? ends.get(name))!;
    const befell = all.filter(one => !not.includes(one) || must.includes(one));
    const wrong = befell.filter(trial => !mayEnd({ trial, end: endOf(trial), well, isLook: isLook(trial) }));
    assert.deepEqual(wrong.map(nameIn), [], `${fault}: what ended otherwise than it may`);
  }
}
const nameIn = ({ name }: Trial): string => name;

describe('every call to the engine, whatever befalls it', () => {
  for (const shape of SHAPES) {
    it(`leaves ${shape} in one of the four outcomes, every promise kept`, async () => {
      const calm = await play({ ...quiet(shape), phase: 60_000 });
      assert.equal(calm.report.outcome, 'completed', calm.report.headline);
      const calls = eachCall(calm.calls);
      const faults = befalling(shape);
      const trials = calls.flatMap((at, index) =>
        faults.map(
          ([fault, befalls], kind): Trial => ({
            name: `${shape}: ${nameOf(at)} ${fault}`,
            ...showing(at, fault),
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
      const tally = await playAll(play, trials);
      say(`${shape}: ${calls.length} calls x ${faults.length} faults: ${told(tally)}`);
      assert.deepEqual(tally.failures, []);
      await mustBefall(faults, trials, tally, calm);
    });

    it(`leaves ${shape} in one of the four outcomes when it befalls a call of the way back`, async () => {
      const patient: Script = { ...quiet(shape), phase: 60_000 };
      const calm = eachCall((await play(patient)).calls);
      const failing = calm.findLast(at => at.call === 'start' && at.target === 'web');
      assert.ok(failing);
      const fails = { ...failing, kind: 'refuse', times: 1 } as const;
      const reverted = await play({ ...patient, faults: [fails] });
      assert.equal(reverted.report.outcome, 'reverted', reverted.report.headline);
      const all = eachCall(reverted.calls);
      const calls = all.slice(all.findIndex(at => nameOf(at) === nameOf(failing)) + 1);
      const trials = calls.map((at, index): Trial => {
        // The three in turn; random runs have the others (docs/decisions/0014).
        const [fault, befalls] = WHILE_UNDOING[(index + SHAPES.indexOf(shape)) % WHILE_UNDOING.length]!;
        const { faults, deeds } = befalls(at);
        const script = { ...(fault === 'timed out' ? quiet(shape) : patient), faults: [fails, ...faults], deeds };
        return {
          name: `${shape}: its start fails, and ${nameOf(at)} of the way back ${fault}`,
          befalls: script.faults.map(saying),
          ...showing(at, fault),
          script: { ...script, answers: [ANSWERS[index % ANSWERS.length]!] },
        };
      });
      const tally = await playAll(play, trials);
      say(
        `${shape}, taken back: ${calls.length} calls, each with one of ${WHILE_UNDOING.length} faults: ${told(tally)}`,
      );
      assert.deepEqual(tally.failures, []);
      await mustBefall(WHILE_UNDOING, trials, tally, reverted);
    });
  }
});
