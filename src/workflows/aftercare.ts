import { condition, defineQuery, defineSignal, setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { WatchOrder } from '../activities/contract.ts';
import { formatDuration, minutes, seconds } from '../plan/duration.ts';
import type { RunHash } from '../plan/ids.ts';
import { notStarted } from '../run/progress.ts';
import type { AftercareRequest } from './messages.ts';
import { care, office } from './send.ts';

const EACH = minutes(10);
/** Settling is tried this often, a minute apart, before people are told that undo is still kept. */
const TRIES = 60;

export interface AftercareProgress {
  readonly run: string;
  readonly state: 'exporting' | 'watching' | 'settling' | 'settled' | 'handed-over' | 'not-settled';
  readonly samples: number;
  readonly worse: readonly string[];
}

/**
 * After a completed run: compares with the baseline for the plan's time, then drops what undo kept.
 * Never starts a rollback. Ends early, settling nothing, when a new run asks it to hand over.
 */
export async function aftercare(request: AftercareRequest): Promise<AftercareProgress> {
  let progress: AftercareProgress = { run: request.run, state: 'exporting', samples: 0, worse: [] };
  const note = (change: Partial<AftercareProgress>): void => {
    progress = { ...progress, ...change };
    setCurrentDetails(detailsOf(request, progress));
  };
  let handedOver = false;
  const handOver = (): void => {
    handedOver = true;
  };
  setHandler(defineSignal('handOver'), handOver, { description: 'A new run takes the watch; nothing is settled' });
  setHandler(defineQuery('progress'), () => progress, {
    description: 'Samples taken, and what was worse than the baseline',
  });

  let turn = 0;
  const { platform, host, run } = request;
  const order = (): WatchOrder => ({
    platform,
    host,
    run,
    hash: request.hash as RunHash,
    turn: ++turn,
    until: Date.now() + EACH,
  });
  const acts = (summary: string) => care(host, summary, EACH);

  note({ state: 'exporting' });
  await acts('export what was replaced').exportOutgoing(order());
  note({ state: 'watching' });
  const end = Date.now() + request.forMs;
  while (!handedOver && Date.now() < end) {
    await condition(() => handedOver, Math.max(1, Math.min(request.everyMs, end - Date.now())), {
      summary: 'next comparison',
    });
    if (handedOver) break;
    const { worse, tell } = await acts('compare with the baseline').compareWithBaseline(order());
    note({
      samples: progress.samples + 1,
      worse: worse === '' ? progress.worse : [...progress.worse, worse].slice(-20),
    });
    if (worse !== '') await Promise.all(tell.map(channel => tellWorse(request, channel, progress.samples, worse)));
  }

  for (let tries = 0; !handedOver && tries < TRIES; tries += 1) {
    note({ state: 'settling' });
    const settled = await acts('drop what undo kept').settle(order());
    if (settled.verdict === 'passed') {
      note({ state: 'settled' });
      return progress;
    }
    await condition(() => handedOver, seconds(60), { summary: `settle again: ${settled.reason}`.slice(0, 180) });
  }
  note({ state: handedOver ? 'handed-over' : 'not-settled' });
  return progress;
}

async function tellWorse(request: AftercareRequest, channel: string, sample: number, reason: string): Promise<void> {
  try {
    await office(`tell ${channel} · worse than the baseline`, seconds(60)).notify({
      platform: request.platform,
      channel,
      id: `${request.run}:aftercare:${sample}:${channel}`,
      saying: { kind: 'worse', progress: { ...notStarted, run: request.run }, level: 0, levels: 0, within: 0, reason },
    });
  } catch {
    // The next sample tells again, and the query keeps what was worse.
  }
}

const detailsOf = (request: AftercareRequest, p: AftercareProgress): string =>
  [
    `### aftercare of ${request.platform}: ${p.state}`,
    '',
    `Watches the release for ${formatDuration(request.forMs)}, every ${formatDuration(request.everyMs)}; then drops what undo kept. It never starts a rollback.`,
    '',
    `${p.samples} samples, ${p.worse.length} worse than the baseline`,
    ...p.worse.slice(-5).map(worse => `- ${worse}`),
  ].join('\n');
