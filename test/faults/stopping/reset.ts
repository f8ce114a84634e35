import assert from 'node:assert/strict';
import { send, startRollback } from '../../../src/client/runs.ts';
import type { Severity } from '../../../src/plan/plan.ts';
import type { RunProgress } from '../../../src/run/progress.ts';
import { STEPS } from '../../../src/run/step.ts';
import { poll } from '../../../testbed/process/poll.ts';
import { startSmallTraffic } from '../../../testbed/small/traffic.ts';
import { checkPromises } from '../../checker/promises.ts';
import { evidenceOf } from '../../platforms/evidence.ts';
import { journalNow } from '../../platforms/kill-points.ts';
import { everything, lookAtSmall } from '../../platforms/looks.ts';
import { historyOf, requestOf } from '../../platforms/runs.ts';
import type { Stand } from '../../platforms/stand.ts';
import { finished } from '../../workflows/run-of.ts';
import { within } from '../../workflows/waiting.ts';
import { atRest, claimOf, type Hand, handleOf, inTheStep, reset, shutOrWhole } from './outside.ts';
import { begin, isPastTheLine, isStillThere, type Place, severityOf } from './places.ts';

export interface Reset {
  readonly exactly: boolean;
  /** What became of the run that began again in that step, and of the one that began from the first task. */
  readonly became: readonly [inStep: string, fromTheFirst: string];
  readonly outcome: string;
}

/**
 * Resets the workflow there to its last task, and what comes of that to the first one: neither may act, people are told
 * of each, and the run that was reset is then taken over. All of it is held to the promises.
 */
export async function resetAt(stand: Stand, place: Place, hand?: Hand<string>): Promise<Reset> {
  await begin(stand, place);
  const now = await lookAtSmall(stand.engine.client, stand.small);
  const since = new Date();
  const traffic = startSmallTraffic(stand.small, 3);
  try {
    const severity = severityOf(place) as Severity;
    const { run } = await startRollback(stand.at, requestOf(stand.platform, { severity }));
    const leave = await place.reached(stand, run);
    const there = (): boolean => isStillThere(stand, run, place);
    const back = (): Promise<string> => hand?.(run) ?? reset(stand, run, 'last');
    const { exactly, done: again } = await inTheStep(stand, there, back, hand !== undefined);
    await leave();
    const inStep = await heldOrRefused(stand, again);
    // Where all is as it was found already, nothing is left to ask about but whose the platform is.
    const wasUndone = place.when === 'undo' && place.step === 'stage';
    if (exactly && hasBegunFreeze(place))
      assert.equal(inStep, wasUndone ? 'reverted' : 'held', 'whoever may not act on a half-way platform asks people');
    await atRest(stand, run, again);
    // A late try of admit may have opened it after the next one had begun anew: that one then held the platform.
    const isOpen = inStep !== 'completed' && journalNow(stand, run).some(({ fact }) => fact.type === 'opened');
    const stood = await shutOrWhole(stand, now);
    const found = await everything(stand.engine.client);
    // What one that was never admitted did anew, and completed, is what stood before the next.
    const before = inStep === 'completed' ? await lookAtSmall(stand.engine.client, stand.small) : now;
    // One that goes on being held was told of already, before or after it was reset.
    if (isOpen && inStep !== 'reverted') await tellsPeople(stand, again, ...(place.when === 'held' ? [run] : []));
    if (inStep === 'held') await namesWhoHolds(stand, again, run);
    if (inStep === 'reverted') await reportNames(stand, again, run);

    const anew = await reset(stand, again, 'first');
    const fromTheFirst = isOpen ? await heldOrRefused(stand, anew) : 'a new run';
    await atRest(stand, run, again, anew);
    if (isOpen) {
      await tellsPeople(stand, anew);
      assert.deepEqual(await everything(stand.engine.client), found, 'nobody acts');
      assert.equal(await shutOrWhole(stand, now), stood);
      assert.equal(await claimOf(stand), run);
      for (const other of [again, anew]) assert.deepEqual(actsOf(stand, other), []);
      await stand.cli('run', stand.platform, '--severity', 'P0', `--consent=${stand.platform}`, '--take-over', run);
    }
    const { report } = await within(finished(handleOf(stand)));
    // One that was never admitted began anew, and where it came to its end nothing was left for the next to do.
    const wanted = inStep === 'completed' ? 'refused' : expected(place, isOpen, isPastTheLine(stand, run));
    if (exactly) assert.equal(report.outcome, wanted, report.headline);
    else assert.notEqual(report.outcome, 'held', report.headline);
    const others = [run, again, anew].filter(one => one !== report.run && journalNow(stand, one).length > 0);
    const seen = {
      report,
      history: await historyOf(stand, report.run),
      now: before,
      since,
      traffic: await traffic.stop(),
    };
    const evidence = await evidenceOf(stand, { ...seen, others, uncounted: place.uncounted });
    assert.deepEqual(checkPromises(evidence), []);
    assert.equal(await claimOf(stand), undefined);
    return { exactly, became: [inStep, fromTheFirst], outcome: report.outcome };
  } finally {
    await traffic.stop();
  }
}

const hasBegunFreeze = ({ step, when }: Place): boolean =>
  when !== 'forward' || STEPS.indexOf(step) > STEPS.indexOf('shut-gates');

/** A run that was never admitted is begun anew by a reset, as by any start; it is the only one. */
function expected({ step, when }: Place, isOpen: boolean, pastTheLine: boolean): string {
  if (pastTheLine || !isOpen) return 'completed';
  const untouched = when === 'forward' && ['admit', 'stage', 'approve', 'recheck'].includes(step);
  return untouched ? 'refused' : 'reverted';
}

/** What the other run does with its history in its head, and the platform in another's name. */
async function heldOrRefused(stand: Stand, run: string): Promise<string> {
  const handle = handleOf(stand, run);
  let asked = false;
  return poll({ what: `run ${run} to be held or refused`, deadlineMs: 120_000, everyMs: 200 }, async () => {
    const { status } = await handle.describe();
    if (status.name !== 'RUNNING') {
      const { report } = await within(finished(handle));
      if (report.outcome === 'completed' || report.outcome === 'reverted') return report.outcome;
      assert.equal(report.outcome, 'refused', report.headline);
      return 'refused';
    }
    const progress = await handle.query<RunProgress>('progress');
    // Somebody approves it: that alone makes it no actor.
    if (progress.state === 'waiting' && progress.outline !== undefined && !asked) {
      asked = true;
      await handle.signal('confirm', { by: 'manager', hash: progress.outline.hash });
    }
    return progress.state === 'held' && progress.awaiting !== undefined ? 'held' : undefined;
  });
}

const tellsPeople = (stand: Stand, ...runs: readonly string[]): Promise<unknown> =>
  poll({ what: `people to be told of run ${runs.join(' or ')}`, deadlineMs: 30_000 }, () =>
    stand.pager.heard.some(({ id, urgency }) => urgency === 'page' && runs.some(run => id.startsWith(run))),
  );

/** Whoever takes it from there reads which run the platform belongs to. */
async function namesWhoHolds(stand: Stand, again: string, run: string): Promise<void> {
  const answer = { by: 'ada', reason: 'it was reset', decide: 'handover' } as const;
  await send(stand.at, stand.platform, 'decide', answer);
  const { report } = await finished(handleOf(stand, again));
  assert.equal(report.outcome, 'held');
  assert.match(report.next.join('\n'), new RegExp(`lastgood run ${stand.platform} --take-over ${run}`));
  const mistaken = await stand.cli(
    'run',
    stand.platform,
    '--severity',
    'P0',
    `--consent=${stand.platform}`,
    '--take-over',
    again,
  );
  assert.equal(mistaken.code, 5, mistaken.stdout + mistaken.stderr);
  assert.match(mistaken.stdout.replaceAll(/\s+/g, ' '), new RegExp(`--take-over ${run}`));
}

/** A run that ended by itself says whose the platform is. */
async function reportNames(stand: Stand, again: string, run: string): Promise<void> {
  const { report } = await finished(handleOf(stand, again));
  assert.match(report.leftBehind.join(), new RegExp(`held by run ${run}`));
  assert.match(report.next.join('\n'), new RegExp(`lastgood run ${stand.platform} --take-over ${run}`));
}

const actsOf = (stand: Stand, run: string): string[] =>
  journalNow(stand, run).flatMap(({ fact }) => (fact.type === 'intent' ? [`${fact.effect} ${fact.key.target}`] : []));
