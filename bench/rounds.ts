import { rm } from 'node:fs/promises';
import { deploy } from '../testbed/n3xus/deploy.ts';
import { startTraffic } from '../testbed/n3xus/traffic.ts';
import type { Acknowledged } from '../testbed/n3xus/traffic-record.ts';
import { poll } from '../testbed/process/poll.ts';
import type { Say } from '../testbed/say.ts';
import type { Ran, Said } from './contender.ts';
import { backupOf, WAYS } from './contenders.ts';
import { CONTENDERS, type Contender, type Sample } from './figures.ts';
import { outageOf, startProber } from './prober.ts';
import type { BenchStage } from './stage.ts';
import { faultsAfter, makeupOfAll } from './wholeness.ts';

/** One rollback that was measured, and left the platform whole. */
export interface Round extends Sample {
  /** What it said of its way, seconds after its command. */
  readonly marks: readonly Mark[];
  /** Other stretches without a good answer, seconds. */
  readonly otherOutages: readonly number[];
  /** Of a run of lastgood. */
  readonly run?: string;
}
export interface Mark {
  readonly at: number;
  readonly what: string;
}

const FAULTS = 'no-fee,auth-errors';
/** Requests a second, in all rounds alike. */
const RATE = 20;
const quiet = (): void => undefined;

export interface RoundsOptions {
  readonly rounds: number;
  readonly say: Say;
  readonly signal: AbortSignal;
  readonly contenders?: readonly Contender[];
}

/**
 * Script, lastgood, floor, script, lastgood, floor …: each on the same platform at the same bad release, under traffic.
 * @throws Error naming the round and what was broken: figures of a broken result are not given
 */
export async function playRounds(
  stage: BenchStage,
  { rounds, say, signal, contenders = CONTENDERS }: RoundsOptions,
): Promise<Round[]> {
  const played: Round[] = [];
  const good = await makeupOfAll(stage);
  const acknowledged = new Map<string, Acknowledged>();
  for (let round = 1; round <= rounds; round += 1) {
    for (const contender of contenders) {
      signal.throwIfAborted();
      const one = await play(stage, contender, round, { good, acknowledged, signal });
      played.push(one);
      const others = one.otherOutages.length === 0 ? '' : `, and shut again for ${one.otherOutages.join(' s, ')} s`;
      say(
        `round ${round} of ${rounds}, ${contender}: outage ${one.outage.toFixed(2)} s, total ${one.total.toFixed(2)} s, whole${others}`,
      );
    }
  }
  return played;
}

interface Known {
  readonly good: ReadonlyMap<string, string>;
  /** Of all rounds; what one acknowledges is added. */
  readonly acknowledged: Map<string, Acknowledged>;
  readonly signal: AbortSignal;
}

async function play(stage: BenchStage, contender: Contender, round: number, known: Known): Promise<Round> {
  const { engine, platform } = stage;
  const what = `round ${round} of ${contender}`;
  const way = WAYS[contender];
  const backup = await backupOf(stage, contender, round);
  await deploy(engine, platform, { to: 'v2', faults: FAULTS, say: quiet });
  known.signal.throwIfAborted();
  const traffic = startTraffic({ url: platform.url, rate: RATE });
  const prober = startProber(platform.url);
  const enough = async (): Promise<void> => {
    const [from, since] = [traffic.record.acknowledged.size, performance.now()];
    await poll({ what: 'users to be served', deadlineMs: 300_000 }, () => {
      known.signal.throwIfAborted();
      const [charges, good] = [traffic.record.acknowledged.size - from, prober.goodSince(since)];
      if (charges < 5 || good < 10) throw new Error(`${charges} charges acknowledged, ${good} good answers`);
      return true;
    });
  };
  try {
    await enough();
    const startedAt = Date.now();
    const ran = await way.run(stage, backup, known.signal);
    const endedAt = Date.now();
    await enough();
    await Promise.all([traffic.stop(), prober.stop()]);
    const outage = outageOf(prober.asked, ran.startedAt);
    await way.tidy(stage);
    for (const [id, charge] of traffic.record.acknowledged) known.acknowledged.set(id, charge);
    const seen = { ...known, contender, traffic: traffic.record, startedAt, endedAt, backup };
    const faults = await faultsAfter(stage, seen);
    if (faults.length > 0) throw new Error(`the platform is not whole:\n  ${faults.join('\n  ')}`);
    return {
      contender,
      round,
      outage: outage.ms / 1_000,
      total: (ran.endedAt - ran.startedAt) / 1_000,
      otherOutages: outage.others.map(ms => Number((ms / 1_000).toFixed(2))),
      marks: marksOf(contender, ran),
      ...(contender === 'lastgood' ? { run: await newestRun(stage) } : {}),
    };
  } catch (error) {
    known.signal.throwIfAborted();
    throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  } finally {
    await Promise.all([traffic.stop(), prober.stop()]);
    await rm(backup, { recursive: true, force: true });
  }
}

/** The script's headings, and what the floor says. lastgood has a time line of its own. */
function marksOf(contender: Contender, { said, startedAt }: Ran): Mark[] {
  const at = (one: Said): number => Number(((one.at - startedAt) / 1_000).toFixed(2));
  if (contender === 'floor') return said.map(one => ({ at: at(one), what: one.line.replace(/^\S+ /, '') }));
  if (contender === 'script')
    return said
      .filter(({ line }) => line.endsWith('...') && !line.includes('Waiting for health'))
      .map(one => ({ at: at(one), what: one.line.slice(0, -3) }));
  return [];
}

async function newestRun({ lastgood }: BenchStage): Promise<string> {
  return (JSON.parse(await lastgood.ask('-o', 'json', '-q', 'report', 'n3xus')) as { run: string }).run;
}
