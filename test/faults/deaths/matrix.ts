import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { VOLUME } from '../../../testbed/small/requests.ts';
import type { RunEvidence } from '../../checker/evidence.ts';
import { type Breach, checkPromises } from '../../checker/promises.ts';
import { CAUSES, journalOf } from '../../platforms/evidence.ts';
import { type Ran, runSmall } from '../../platforms/runs.ts';
import { type Stand, say } from '../../platforms/stand.ts';
import type { EngineTap } from './engine-tap.ts';
import { type Point, type Scene, sceneOf } from './point.ts';

/** A point that was not met is tried again on a fresh deploy, this often in all. */
const TRIES = 6;
/** Every run, whatever died. */
const DEMANDED = [
  ...['I1.outcome', 'I1.targets', 'I1.gates', 'I1.traffic', 'I2.order', 'I2.evidence', 'I2.from-outside', 'I3.writes'],
  ...['I4.journal', 'I4.rounds', 'I4.fence', 'I4.recorder', 'I5.acts', 'I5.own-journal', 'I5.claims', 'I6.hash'],
  ...['I6.digests', 'I7.chain', 'I7.effects', 'I7.decisions', 'I7.closed', 'I7.secrets'],
] as Parameters<typeof checkPromises>[1];

export interface Lane {
  readonly stand: Stand;
  readonly tap: EngineTap;
  /** Brings back what `deploy` does not. */
  readonly afterDeploy?: () => Promise<void> | void;
  /** Waited for once the run is over, before it is judged. */
  readonly afterRun?: (run: string) => Promise<unknown>;
  /** Actions that the platform itself causes: they are not counted. */
  readonly uncounted?: readonly string[];
  /** How often, at least, the activity that was under way was given to a worker: once more, where that was lost. */
  readonly attempts?: number;
}

/** Kills, has the point judged while all is as the kill left it, and brings back. */
export type Strike = (scene: Scene, point: Point) => Promise<Struck>;
export interface Struck {
  /** As `Point.missed` said it. */
  readonly missed: string | undefined;
  /** While the engine was away: what it says of that time it did by itself. ISO 8601, of the engine's clock. */
  readonly away?: { readonly from: string; readonly to: string };
}

/** What a whole file of points came to. */
export interface Sums {
  readonly killed: string[];
  readonly missed: string[];
  events: number;
  own: number;
  answers: number;
  writes: number;
}
export const newSums = (): Sums => ({ killed: [], missed: [], events: 0, own: 0, answers: 0, writes: 0 });

/** @param what that was done, as `worker: killed` */
export function saySums(what: string, points: number, sums: Sums): void {
  const { killed, missed, events, own, answers, writes } = sums;
  const misses = missed.length === 0 ? 'none missed' : `${missed.length} misses tried again (${missed.join(', ')})`;
  const byItself = own === 0 ? '' : ` and ${own} that the engine did by itself as it came back`;
  say(
    `${what} at ${killed.length} of ${points} points, ${misses}; ${events} engine events${byItself}, ${answers} answers, ${writes} acknowledged writes`,
  );
}

/** One point: until it is met. Each try, met or missed, is held to the promises. */
export async function meet(lane: Lane, point: Point, strike: Strike, sums: Sums): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const { ran, struck } = await killOnce(lane, point, strike);
    const missed =
      struck.missed ??
      (point.activity === undefined || attemptsOf(ran, point.activity) >= (lane.attempts ?? 2)
        ? undefined
        : `${point.activity} was not under way`);
    assert.equal(ran.report.outcome, point.outcome, ran.report.headline);
    const { evidence, own } = withoutOwn(ran.evidence, struck);
    assert.deepEqual(checkPromises(evidence, DEMANDED), [] satisfies Breach[]);
    assert.deepEqual(overstated(ran), [], 'a loss that is larger than it was may hide one that nobody accepted');
    assert.deepEqual(unrecorded(evidence), [], 'acts of the journal that the recorder did not see: it has a gap');
    sums.events += evidence.recorder?.length ?? 0;
    sums.own += own;
    sums.answers += evidence.answers?.length ?? 0;
    sums.writes += evidence.writes?.length ?? 0;
    if (missed === undefined) return void sums.killed.push(point.name);
    sums.missed.push(point.name);
    say(`missed ${point.name} (try ${tries} of ${TRIES}): ${missed}`);
    assert.ok(tries < TRIES, `${point.name} was not met in ${TRIES} tries; last: ${missed}`);
  }
}

async function killOnce(lane: Lane, point: Point, strike: Strike) {
  const { stand, tap } = lane;
  await stand.deploy();
  await lane.afterDeploy?.();
  const { Mountpoint } = await stand.engine.client.getVolume(VOLUME).inspect();
  const since = new Date().toISOString();
  let struck: Struck | undefined;
  const ran = await runSmall(stand, {
    rate: 3,
    ...(lane.uncounted === undefined ? {} : { uncounted: lane.uncounted }),
    ...(point.request === undefined ? {} : { request: point.request }),
    meanwhile: async run => {
      try {
        const scene = sceneOf(stand, tap, run, Mountpoint);
        await point.reach(scene);
        struck = await strike(scene, point);
      } finally {
        tap.drop();
      }
      await lane.afterRun?.(run);
    },
  });
  const journals = journalsSince(stand, since);
  // No more than what the run fixed, and told of, when traffic was shut: nothing where it keeps the data.
  const ceiling = ran.report.losses.reduce((sum, { lost }) => sum + lost, 0);
  const loss = { ...ran.evidence.loss, ceiling, ...openedAt(ran.evidence) };
  const evidence = { ...ran.evidence, journals, loss: point.outcome === 'completed' ? loss : { ceiling: 0 } };
  return { ran: { ...ran, evidence }, struck: struck as Struck };
}

/** Of this run, and of the watch that settled it. */
function journalsSince({ state, platform }: Stand, since: string): NonNullable<RunEvidence['journals']> {
  return readdirSync(join(state, 'journals', platform))
    .map(file => file.slice(0, -'.jsonl'.length))
    .map(run => ({ platform, run, entries: journalOf(state, platform, run) }))
    .filter(({ entries }) => (entries[0]?.at ?? '') >= since);
}

/** While the gates are shut nobody is answered (I2.from-outside), so what was acknowledged before the opening was so before the freeze. */
function openedAt({ timeline }: RunEvidence): { frozenAt?: string } {
  const at = timeline?.find(moment => moment.what === 'gate-open')?.at;
  return at === undefined ? {} : { frozenAt: at };
}

/** The rows that the run counted as lost are those that users had acknowledged, and at most what was on its way as the gate went down. */
function overstated({ report, evidence, seen }: Ran): string[] {
  const told = report.losses.reduce((sum, { lost }) => sum + lost, 0);
  if (report.outcome !== 'completed' || told === 0) return [];
  const shut = evidence.timeline?.find(({ what }) => what === 'gate-shut')?.at ?? '';
  const lost = evidence.writes?.filter(({ present }) => present === 0).length ?? 0;
  const onTheirWay = [...(seen.traffic?.doubtful.values() ?? [])].filter(at => at <= Date.parse(shut)).length;
  return told <= lost + onTheirWay ? [] : [`${told} rows are told to be lost, and ${lost} are, ${onTheirWay} in doubt`];
}

/** How often the server gave this activity to a worker, at most. */
function attemptsOf({ evidence }: Ran, activity: string): number {
  const history = evidence.texts?.find(({ name }) => name === 'history')?.text ?? '{}';
  const { events = [] } = JSON.parse(history) as { events?: HistoryEvent[] };
  const names = new Map(events.map(event => [event.eventId, nameIn(event)]));
  const attempts = events.flatMap(({ activityTaskStartedEventAttributes: started }) =>
    started && names.get(String(started.scheduledEventId)) === activity ? [Number(started.attempt)] : [],
  );
  return Math.max(0, ...attempts);
}
interface HistoryEvent {
  readonly eventId: string;
  readonly activityTaskScheduledEventAttributes?: { readonly activityType?: { readonly name?: string } } | null;
  readonly activityTaskStartedEventAttributes?: {
    readonly scheduledEventId?: string;
    readonly attempt?: number;
  } | null;
}
const nameIn = (event: HistoryEvent): string | undefined =>
  event.activityTaskScheduledEventAttributes?.activityType?.name;

/** An engine that comes back ends what may not run and starts what always runs, before anybody can ask it for anything. */
function withoutOwn(evidence: RunEvidence, { away }: Struck): { evidence: RunEvidence; own: number } {
  if (away === undefined) return { evidence, own: 0 };
  const all = evidence.recorder ?? [];
  const recorder = all.filter(
    ({ at, action }) => !(at >= away.from && at <= away.to && (action === 'start' || action === 'die')),
  );
  return { evidence: { ...evidence, recorder }, own: all.length - recorder.length };
}

/** What the journal says that we did and read back, and the engine was not heard to do: then the recorder missed something. */
export function unrecorded({ journals = [], recorder = [] }: RunEvidence): string[] {
  const acts = new Map<string, number>();
  for (const { fact } of journals.flatMap(({ entries }) => entries)) {
    if (fact.type !== 'done' || fact.by !== 'act') continue;
    const action = Object.entries(CAUSES).find(([, effects]) => effects.includes(fact.effect))?.[0];
    if (action === undefined) continue;
    const name = `${action} ${fact.key.target}`;
    acts.set(name, (acts.get(name) ?? 0) + 1);
  }
  return [...acts].flatMap(([name, times]) => {
    const seen = recorder.filter(({ action, target }) => `${action} ${target}` === name).length;
    return seen >= times ? [] : [`${name}: ${times} in the journal, ${seen} heard`];
  });
}
