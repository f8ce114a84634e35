import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalEntry } from '../../src/executor/contract.ts';
import type { RunReport } from '../../src/run/report.ts';
import type { Recorded } from '../../testbed/recorder/recorder.ts';
import { CANARY, VOLUME } from '../../testbed/small/requests.ts';
import type { SmallRecord } from '../../testbed/small/traffic.ts';
import type { EngineEvent, RunEvidence } from '../checker/evidence.ts';
import { timelineOf } from '../checker/timeline.ts';
import { approvedIn, requestIn } from './approved.ts';
import { capturesOn, type Room, roomsGone, roomsIn } from './captures.ts';
import { type Looks, lookAtSmall } from './looks.ts';
import type { Stand } from './stand.ts';

/** Which journalled effects cause what the engine says that it did. */
export const CAUSES: NonNullable<RunEvidence['causes']> = {
  create: ['create'],
  start: ['start'],
  die: ['stop', 'kill'],
  rename: ['rename-outgoing', 'rename-staged', 'rename-release', 'rename-found'],
  update: ['policy-aside', 'policy-back'],
  destroy: ['remove'],
};

export const journalOf = (state: string, platform: string, run: string): JournalEntry[] =>
  readFileSync(join(state, 'journals', platform, `${run}.jsonl`), 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as JournalEntry);

export interface Seen {
  readonly report: RunReport;
  readonly history: string;
  /** Before the run, and while nothing else touched the platform. */
  readonly now: Looks;
  /** When the run was started. */
  readonly since: Date;
  readonly traffic?: SmallRecord;
  /** Actions that the platform itself causes, as a container that loops: they are not counted. */
  readonly uncounted?: readonly string[];
  readonly handedOverTo?: string;
  /** What undo kept before: what is gone of it since counts as destroyed. */
  readonly rooms?: readonly Room[];
  /** Other runs of the same story, whose journals are judged with its own: the one that it took over, one that was reset. */
  readonly others?: readonly string[];
}

/** All that is known of one run on the small platform, from inside and from outside. */
export async function evidenceOf(stand: Stand, seen: Seen): Promise<RunEvidence> {
  const { report } = seen;
  const journals = [report.run, ...(seen.others ?? [])].map(run => ({
    platform: stand.platform,
    run,
    entries: journalOf(stand.state, stand.platform, run),
  }));
  // Each by itself: of one run an opening counts once, and the next run's is another.
  const timeline = journals
    .flatMap(({ entries }) => timelineOf(entries))
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const events = (await stand.recorder.events()).filter(({ at }) => at >= seen.since.toISOString());
  const images = await imageIds(stand.engine);
  const observed = await lookAtSmall(stand.engine.client, stand.small);
  const uncounted = new Set(seen.uncounted ?? []);
  const frozenAt = timeline.find(moment => moment.what === 'gate-shut')?.at;
  return {
    run: report.run,
    journals,
    outcome: report.outcome,
    ...(seen.handedOverTo === undefined ? {} : { handedOverTo: seen.handedOverTo }),
    approved: approvedIn(seen.history, { state: stand.state, hash: report.runHash }),
    targets: [...stand.good].map(([target, release]) => {
      const found = observed.get(target);
      return {
        target,
        now: seen.now.get(target) ?? { version: '' },
        release,
        ...(found === undefined ? {} : { observed: found }),
      };
    }),
    gates: [{ gate: 'gate', state: await knock(stand.small.url) }],
    timeline,
    recorder: [
      ...toEngineEvents(events, images, { removedByOthers: uncounted.has('destroy') }),
      ...roomsGone(seen.rooms ?? [], await roomsOf(stand), new Date().toISOString()),
    ],
    causes: causesIn(journals, uncounted),
    captures: await capturesOn(stand),
    ...(seen.traffic === undefined ? {} : answersOf(seen.traffic)),
    ...(seen.traffic === undefined ? {} : { writes: await writesOf(stand, seen.traffic) }),
    loss: {
      ceiling: report.outcome === 'completed' ? (requestIn(seen.history).lossCeiling ?? 0) : 0,
      ...(frozenAt === undefined ? {} : { frozenAt }),
    },
    texts: [
      { name: 'history', text: seen.history },
      ...journals.map(({ run, entries }) => ({ name: `journal of ${run}`, text: JSON.stringify(entries) })),
      { name: 'report', text: JSON.stringify(report) },
      { name: "the worker's log", text: stand.worker.log() },
      { name: 'what was printed', text: stand.printed.join('\n') },
      ...filesIn(join(stand.state, 'run-plans')),
      ...filesIn(join(stand.state, 'releases')),
    ],
    canaries: [CANARY],
    notifications: stand.pager.heard.filter(({ at }) => at >= seen.since.toISOString()),
    claims: claimsIn(events),
    decisions: report.heard.map(() => 'heard'),
  };
}

/** A run that takes over journals its effects in the other's name: `stop@<run>`. */
const causesIn = (
  journals: readonly { readonly run: string }[],
  uncounted: ReadonlySet<string>,
): NonNullable<RunEvidence['causes']> =>
  Object.fromEntries(
    Object.entries(CAUSES)
      .filter(([action]) => !uncounted.has(action))
      .map(([action, names]) => [
        action,
        names.flatMap(name => [name, ...journals.map(({ run }) => `${name}@${run}`)]),
      ]),
  );

/** The live name of whatever a run made: `front.lg-prev-…` and `front.lg-…` are `front`. */
export const liveName = (name: string): string => name.replace(/\.lg-.*$/, '');

/** What a run keeps for its undo on the disk: of the store, and of the directory of settings. */
export async function roomsOf({ engine, small }: Stand): Promise<readonly Room[]> {
  const { Mountpoint } = await engine.client.getVolume(VOLUME).inspect();
  return roomsIn({ data: Mountpoint, conf: join(small.directory, 'conf') });
}

interface Telling {
  /** Whose name the journal has for what is done to a container. */
  readonly targetOf?: (container: string, action: string) => string;
  /** Somebody else removes containers: that is not the run's to answer for. */
  readonly removedByOthers?: boolean;
}

/** What the engine said of the platform's containers. One that a run made and never brought in holds nothing; any other that is removed is destroyed. */
export function toEngineEvents(
  events: readonly Recorded[],
  images: ReadonlyMap<string, string>,
  { targetOf = container => container, removedByOthers = false }: Telling = {},
): EngineEvent[] {
  return events
    .filter(({ type, action, name }) => type === 'container' && action in CAUSES && !name.startsWith('lastgood-'))
    .map(({ at, action, id, name, attributes }) => ({
      at,
      target: targetOf(liveName(name), action),
      action,
      ...(action === 'start' ? { version: images.get(attributes['image'] ?? '') ?? attributes['image'] ?? '' } : {}),
      ...(action === 'destroy' && !removedByOthers && !isStaged(name) ? { destroys: true, object: id } : {}),
    }));
}

const isStaged = (name: string): boolean => /\.lg-(?!prev-)/.test(name);

export async function imageIds(engine: {
  readonly client: Stand['engine']['client'];
}): Promise<ReadonlyMap<string, string>> {
  const all = await engine.client.listImages();
  return new Map(all.flatMap(({ Id, RepoTags }) => [Id, ...(RepoTags ?? [])].map(name => [name, Id] as const)));
}

export const claimsIn = (events: readonly Recorded[]): NonNullable<RunEvidence['claims']> =>
  events
    .filter(
      ({ type, name, action }) =>
        type === 'container' && name.startsWith('lastgood-claim-') && /^(create|destroy)$/.test(action),
    )
    .map(({ at, action, attributes }) => ({
      at,
      run: attributes['lastgood.run'] ?? '',
      action: action === 'create' ? ('claimed' as const) : ('released' as const),
    }));

function answersOf({ answers }: SmallRecord): Pick<RunEvidence, 'answers' | 'served'> {
  const names = ['gate', 'front', 'conf', 'work', 'cache', 'store'];
  const side = (version: string) => Object.fromEntries(names.map(name => [name, version]));
  return {
    // By when it was asked: on a busy machine an answer is read long after it came.
    answers: answers
      .filter(({ status }) => status === 200)
      .map(({ askedAt, at, servedBy }) => ({
        at: new Date(askedAt).toISOString(),
        answeredAt: new Date(at).toISOString(),
        versions: servedBy,
      })),
    served: { now: side('v2'), release: side('v1') },
  };
}

async function writesOf({ engine }: Stand, { acknowledged }: SmallRecord): Promise<NonNullable<RunEvidence['writes']>> {
  const { Mountpoint } = await engine.client.getVolume(VOLUME).inspect();
  const lines = readFileSync(join(Mountpoint, 'journal.log'), 'utf8').split('\n');
  const times = new Map<string, number>();
  for (const line of lines) times.set(line, (times.get(line) ?? 0) + 1);
  return [...acknowledged].map(([id, at]) => ({
    id,
    acknowledgedAt: new Date(at).toISOString(),
    present: times.get(id) ?? 0,
  }));
}

/** As a user finds it: any answer is open. */
export async function knock(url: string): Promise<'open' | 'shut' | 'unknown'> {
  try {
    await fetch(`${url}/cgi-bin/health`, { signal: AbortSignal.timeout(5_000) });
    return 'open';
  } catch (error) {
    return (error as { cause?: { code?: string } }).cause?.code === 'ECONNREFUSED' ? 'shut' : 'unknown';
  }
}

export function filesIn(directory: string): { name: string; text: string }[] {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
  return files.map(({ parentPath, name }) => ({ name, text: readFileSync(join(parentPath, name)).toString('latin1') }));
}
