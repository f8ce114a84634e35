import {
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  isCancellation,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { WatchOrder } from '../activities/contract.ts';
import { formatDuration, minutes } from '../plan/duration.ts';
import type { RunHash } from '../plan/ids.ts';
import { failed, type StepResult } from '../run/step.ts';
import { tellPeople } from './aftercare-tell.ts';
import type { AftercareRequest } from './messages.ts';
import { care, exporting, reasonOf } from './send.ts';

const EACH = minutes(10);
/** Settling is tried again as often as samples are taken, at most a minute apart; after an hour of that, once an hour. */
const OFTEN = 60;
/** After a month nothing is tried any more but by the next run's watch. */
const TRIES = OFTEN + 30 * 24;
/** What goes away by itself within so many tries is nobody's concern, as a run that is under way. */
const PATIENT = 5;

export interface AftercareProgress {
  readonly run: string;
  readonly state: 'exporting' | 'watching' | 'settling' | 'settled' | 'handed-over' | 'not-settled';
  readonly samples: number;
  readonly worse: readonly string[];
  /** Why what undo kept is still there; empty as long as nothing was tried in vain. */
  readonly kept: string;
}

/**
 * After a completed run: compares with the baseline for the plan's time, exporting meanwhile what was replaced; then drops
 * what undo kept. Never starts a rollback. Ends early, settling nothing, when a new run asks it to hand over. What cannot
 * be dropped is tried again for a month, and people are told why.
 */
export async function aftercare(request: AftercareRequest): Promise<AftercareProgress> {
  const { platform, host, run, carried } = request;
  let progress: AftercareProgress = {
    run,
    state: 'watching',
    samples: carried?.samples ?? 0,
    worse: carried?.worse ?? [],
    kept: carried?.kept ?? '',
  };
  const note = (change: Partial<AftercareProgress>): void => {
    progress = { ...progress, ...change };
    setCurrentDetails(detailsOf(request, progress));
  };
  let handedOver = false;
  const mayBeLeft = new CancellationScope();
  const handOver = (): void => {
    handedOver = true;
    mayBeLeft.cancel();
  };
  setHandler(defineSignal('handOver'), handOver, { description: 'A new run takes the watch; nothing is settled' });
  setHandler(defineQuery('progress'), () => progress, {
    description: 'Samples taken, what was worse than the baseline, and why undo is still kept',
  });

  let turn = 0;
  const order = (): WatchOrder => ({
    platform,
    host,
    run,
    hash: request.hash as RunHash,
    turn: ++turn,
    until: Date.now() + EACH,
  });
  const exportAll = (): Promise<StepResult> =>
    answered(mayBeLeft.run(() => exporting(host, 'export what was replaced').exportOutgoing(order())));
  /** A channel that hangs must not keep a new run from taking the watch. */
  const tell = (kind: 'worse' | 'kept', what: Parameters<typeof tellPeople>[2]): Promise<boolean> =>
    Promise.race([tellPeople(request, kind, what), condition(() => handedOver).then(() => false)]);
  const until = carried?.until ?? Date.now() + request.forMs;
  /** A history is not endless: a long watch goes on in a new one. */
  const goOn = async (tries: number): Promise<void> => {
    if (!workflowInfo().continueAsNewSuggested || handedOver) return;
    const { samples, worse, kept } = progress;
    await continueAsNew<typeof aftercare>({ ...request, carried: { until, samples, worse, kept, tries } });
  };

  note({});
  let exported: StepResult | undefined;
  const first = exportAll().then(result => {
    exported = result;
  });
  while (!handedOver && Date.now() < until) {
    await condition(() => handedOver, Math.max(1, Math.min(request.everyMs, until - Date.now())), {
      summary: 'next comparison',
    });
    if (handedOver) break;
    const compared = mayBeLeft.run(() => care(host, 'compare with the baseline', EACH, 5).compareWithBaseline(order()));
    // An engine that is away says nothing of the release; whoever must know hears it when settling it fails.
    const { worse, tell: on } = await compared.catch(error => ({
      worse: `nothing was compared: ${reasonOf(error)}`,
      tell: [],
    }));
    if (handedOver) break;
    note({
      samples: progress.samples + 1,
      worse: worse === '' ? progress.worse : [...progress.worse, worse].slice(-20),
    });
    if (worse !== '') await tell('worse', { on, number: progress.samples, reason: worse });
    if (exported !== undefined) await goOn(0);
  }
  if (!handedOver && exported === undefined) note({ state: 'exporting' });
  await first;

  let isTold = carried !== undefined && carried.tries > PATIENT;
  for (let tries = carried?.tries ?? 0; !handedOver; tries += 1) {
    note({ state: 'settling' });
    if (tries > 0) exported = await exportAll();
    if (handedOver) break;
    const dropped = await answered(care(host, 'drop what undo kept', EACH).settle(order()));
    if (dropped.verdict === 'passed' && exported?.verdict === 'passed') {
      note({ state: 'settled', kept: '' });
      return progress;
    }
    const kept = [exported, dropped].flatMap(one =>
      one === undefined || one.verdict === 'passed' ? [] : [one.reason],
    );
    note({ kept: kept.join('; ') });
    const isLast = tries >= TRIES;
    const isDue = tries === PATIENT || tries === OFTEN || (tries > OFTEN && (tries - OFTEN) % 24 === 0);
    if (isLast || isDue || (tries > PATIENT && !isTold)) {
      const reason = isLast ? `${progress.kept}; it is tried no more until the next run's watch` : progress.kept;
      isTold = await tell('kept', { on: request.tell ?? [], number: tries, reason });
    }
    if (isLast) break;
    const pause = tries < OFTEN ? Math.min(request.everyMs, minutes(1)) : minutes(60);
    await condition(() => handedOver, pause, { summary: `settle again: ${progress.kept}`.slice(0, 180) });
    await goOn(tries + 1);
  }
  note({ state: handedOver ? 'handed-over' : 'not-settled' });
  return progress;
}

/** What was lost on its way is a verdict too: it is tried again, and told. */
const answered = (work: Promise<StepResult>): Promise<StepResult> =>
  work.catch(error => failed(isCancellation(error) ? 'a new run took the watch' : reasonOf(error)));

const detailsOf = (request: AftercareRequest, p: AftercareProgress): string =>
  [
    `### aftercare of ${request.platform}: ${p.state}`,
    '',
    `Watches the release for ${formatDuration(request.forMs)}, every ${formatDuration(request.everyMs)}; then drops what undo kept. It never starts a rollback.`,
    '',
    `${p.samples} samples, ${p.worse.length} worse than the baseline`,
    ...p.worse.slice(-5).map(worse => `- ${worse}`),
    ...(p.kept === '' ? [] : ['', `What undo kept is still there: ${p.kept.slice(0, 1_000)}`]),
  ].join('\n');
