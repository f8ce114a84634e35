import assert from 'node:assert/strict';
import { startRollback } from '../../../src/client/runs.ts';
import type { Severity } from '../../../src/plan/plan.ts';
import { startSmallTraffic } from '../../../testbed/small/traffic.ts';
import { checkPromises } from '../../checker/promises.ts';
import { evidenceOf } from '../../platforms/evidence.ts';
import { journalNow } from '../../platforms/kill-points.ts';
import { everything, lookAtSmall } from '../../platforms/looks.ts';
import { historyOf, requestOf } from '../../platforms/runs.ts';
import type { Stand } from '../../platforms/stand.ts';
import { finished } from '../../workflows/run-of.ts';
import { within } from '../../workflows/waiting.ts';
import { atRest, claimOf, type Hand, handleOf, inTheStep, type Standing, shutOrWhole } from './outside.ts';
import { begin, isPastTheLine, isStillThere, type Place, severityOf } from './places.ts';

export interface Terminated {
  readonly exactly: boolean;
  /** How it stood from the terminate until it was taken over. */
  readonly stood: Standing;
  readonly outcome: string;
}

/** Terminates the workflow there, asks what a person would ask, and takes it over; the pair is held to the promises. */
export async function terminateAt(stand: Stand, place: Place, hand?: Hand): Promise<Terminated> {
  await begin(stand, place);
  const now = await lookAtSmall(stand.engine.client, stand.small);
  const since = new Date();
  const traffic = startSmallTraffic(stand.small, 3);
  try {
    const severity = severityOf(place) as Severity;
    const { run } = await startRollback(stand.at, requestOf(stand.platform, { severity }));
    const leave = await place.reached(stand, run);
    const there = (): boolean => isStillThere(stand, run, place);
    const end = async (): Promise<void> => void (await (hand?.(run) ?? handleOf(stand, run).terminate('a test')));
    const { exactly } = await inTheStep(stand, there, end, hand !== undefined);
    await atRest(stand, run);
    await leave();
    const stood = await shutOrWhole(stand, now);
    const found = await everything(stand.engine.client);

    const next = new RegExp(`lastgood run ${stand.platform} --take-over ${run}`);
    const status = await stand.cli('status', stand.platform);
    assert.equal(status.code, 7, status.stderr);
    assert.match(status.stdout + status.stderr, next);

    const isOpen = journalNow(stand, run).some(({ fact }) => fact.type === 'opened');
    const others = [run];
    if (isOpen) others.push(await refusesToStart(stand, run, next));
    else await hasNothingToTakeOver(stand, run);
    assert.deepEqual(await everything(stand.engine.client), found, 'it stays as it was found');
    assert.equal(await shutOrWhole(stand, now), stood);

    const last = await stand.cli('run', stand.platform, ...start(stand), ...(isOpen ? ['--take-over', run] : []));
    const { report, status: closed } = await within(finished(handleOf(stand)));
    const outcome = expected(place, isOpen, isPastTheLine(stand, run));
    if (exactly) assert.equal(report.outcome, outcome, report.headline);
    else assert.notEqual(report.outcome, 'held', report.headline);
    assert.equal(last.code, { completed: 0, refused: 5, reverted: 6 }[report.outcome as string], last.stderr);
    assert.equal(closed, report.outcome === 'completed' ? 'COMPLETED' : 'FAILED');
    const seen = { report, history: await historyOf(stand, report.run), now, since, traffic: await traffic.stop() };
    const evidence = await evidenceOf(stand, { ...seen, others: known(stand, others), uncounted: place.uncounted });
    assert.deepEqual(checkPromises(evidence), []);
    assert.equal(await claimOf(stand), undefined);
    return { exactly, stood, outcome: report.outcome };
  } finally {
    await traffic.stop();
  }
}

const start = ({ platform }: Stand): string[] => ['--severity', 'P0', `--consent=${platform}`];

/** A run that never was admitted has no journal: a new one then starts and completes. */
function expected({ step, when }: Place, isOpen: boolean, pastTheLine: boolean): string {
  if (pastTheLine || !isOpen) return 'completed';
  const untouched = when === 'forward' && ['admit', 'stage', 'approve', 'recheck'].includes(step);
  return untouched ? 'refused' : 'reverted';
}

/** @returns the run that was refused */
async function refusesToStart(stand: Stand, run: string, next: RegExp): Promise<string> {
  const ended = await stand.cli('run', stand.platform, ...start(stand));
  const said = ended.stdout.replaceAll(/\s+/g, ' ');
  assert.equal(ended.code, 5, said + ended.stderr);
  assert.match(said, new RegExp(`run ${run} (holds|was left in the middle).*(its journal is open, )?last at`));
  assert.match(said, next);
  const { report } = await within(finished(handleOf(stand)));
  assert.ok(
    stand.pager.heard.some(({ id, urgency }) => id.startsWith(report.run) && urgency === 'page'),
    'people hear that a run was left in the middle',
  );
  // The newest run is now the refused one: it still says what to type.
  const status = await stand.cli('status', stand.platform);
  assert.match((status.stdout + status.stderr).replaceAll(/\s+/g, ' '), next);
  return report.run;
}

async function hasNothingToTakeOver(stand: Stand, run: string): Promise<void> {
  const ended = await stand.cli('run', stand.platform, ...start(stand), '--take-over', run);
  assert.equal(ended.code, 5, ended.stdout + ended.stderr);
  assert.match(ended.stdout.replaceAll(/\s+/g, ' '), /there is nothing to take over.*a new run may start/);
}

const known = (stand: Stand, runs: readonly string[]): string[] =>
  runs.filter(run => journalNow(stand, run).length > 0);
