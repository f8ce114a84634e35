import assert from 'node:assert/strict';
import { send } from '../../../src/client/runs.ts';
import type { Severity } from '../../../src/plan/plan.ts';
import type { RunProgress } from '../../../src/run/progress.ts';
import { poll } from '../../../testbed/process/poll.ts';
import { checkPromises } from '../../checker/promises.ts';
import { runSmall } from '../../platforms/runs.ts';
import type { Stand } from '../../platforms/stand.ts';
import { claimOf, type Hand, handleOf, inTheStep } from './outside.ts';
import { begin, isStillThere, type Place, severityOf } from './places.ts';

/** What a cancellation comes to there: an abort before the line and before any undo; else it is heard, and changes nothing. */
function expected({ step, when, pastTheLine }: Place): { outcome: string; counted: boolean } {
  if (pastTheLine) return { outcome: 'completed', counted: false };
  if (when === 'undo') return { outcome: 'reverted', counted: false };
  const untouched = when === 'forward' && ['admit', 'stage', 'approve', 'recheck'].includes(step);
  return { outcome: untouched ? 'refused' : 'reverted', counted: true };
}

/** Cancels the workflow there, and holds what comes of it to the promises. @returns whether it was met exactly there */
export async function cancelAt(stand: Stand, place: Place, hand?: Hand): Promise<boolean> {
  await begin(stand, place);
  let exactly = false;
  const ran = await runSmall(stand, {
    rate: 3,
    request: { severity: severityOf(place) as Severity },
    uncounted: place.uncounted,
    meanwhile: async run => {
      const leave = await place.reached(stand, run);
      const there = (): boolean => isStillThere(stand, run, place);
      const cancel = async (): Promise<void> => void (await (hand?.(run) ?? handleOf(stand, run).cancel()));
      exactly = (await inTheStep(stand, there, cancel, hand !== undefined)).exactly;
      await poll({ what: 'the run to hear of it', deadlineMs: 60_000 }, async () => {
        const { heard } = await handleOf(stand, run).query<RunProgress>('progress');
        return heard.some(({ kind }) => kind === 'cancel');
      });
      await leave();
      if (place.when === 'held' && place.pastTheLine)
        await send(stand.at, stand.platform, 'decide', { by: 'ada', reason: 'the port is free', decide: 'retry' });
    },
  });
  const { report, evidence } = ran;
  const wanted = expected(place);
  // Met a moment late it may have left the step: what counts is on which side of the freeze and of the line it was heard.
  const outcome = exactly
    ? wanted.outcome
    : report.touched && wanted.outcome === 'refused'
      ? 'reverted'
      : wanted.outcome;
  assert.equal(report.outcome, outcome, report.headline);
  const heard = report.heard.find(({ kind }) => kind === 'cancel');
  if (exactly) assert.equal(heard?.counted, wanted.counted, heard?.why);
  if (heard?.counted) assert.match(report.headline, /aborted by temporal: the workflow was cancelled/);
  assert.equal(ran.status, report.outcome === 'completed' ? 'COMPLETED' : 'FAILED');
  assert.deepEqual(checkPromises(evidence), []);
  assert.equal(await claimOf(stand), undefined);
  return exactly;
}
