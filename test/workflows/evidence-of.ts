import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { digestOf } from '../../src/drivers/scripted/files.ts';
import type { World } from '../../src/drivers/scripted/world.ts';
import type { JournalEntry } from '../../src/executor/contract.ts';
import { readChain } from '../../src/executor/journal-line.ts';
import type { Heard } from '../../src/run/events.ts';
import { renderReport } from '../../src/run/render-report.ts';
import { createDirectorySnapshotStore } from '../../src/snapshots/directory-store.ts';
import type {
  Answer,
  CaptureEvidence,
  Delivered,
  EngineEvent,
  JournalEvidence,
  Look,
  RunEvidence,
  WriteEvidence,
} from '../checker/evidence.ts';
import { timelineOf } from '../checker/timeline.ts';
import type { FinishedRun } from './run-of.ts';
import type { ScriptedPlatform } from './scripted-platform.ts';
import { CANARIES } from './shapes.ts';

/** The live platform as an observer beside the engine sees it: target -> look. */
export type Seen = Readonly<Record<string, Look>>;

const CONTAINERS = ['db', 'api', 'web', 'gate'] as const;

export function seenIn(world: World): Seen {
  const seen: Record<string, Look> = {};
  for (const name of CONTAINERS) {
    const container = world.containers.get(name);
    if (container === undefined) continue;
    const { version, settings, policy, activity } = container;
    seen[name] = { version, settings: `${settings}, restart policy ${policy}`, activity };
  }
  for (const [name, { live }] of world.volumes) seen[name] = { version: live.version };
  const conf = world.files.get('/etc/web');
  if (conf !== undefined) seen['web-conf'] = { version: digestOf(conf.live) };
  return seen;
}

/** What one moment behind open gates would have answered; nothing while they are shut. */
export function answerIn(world: World): Answer | undefined {
  if (world.containers.get('gate')?.activity !== 'running') return undefined;
  const seen = seenIn(world);
  const versions = Object.entries(seen).flatMap(([target, look]) =>
    target === 'data' ? [] : [[target, look.version] as const],
  );
  return { at: new Date().toISOString(), versions: Object.fromEntries(versions) };
}

export interface Watched {
  /** Just before the freeze, or at the start of a run that never froze. */
  readonly before: Seen;
  readonly rowsBefore: number;
  readonly release: Seen;
  readonly answers: readonly Answer[];
  /** The most rows that the request accepts to lose. */
  readonly ceiling: number;
}

/** Everything that is known of a finished run, from inside and from outside. */
export async function evidenceOf(
  platform: ScriptedPlatform,
  { report, handle }: FinishedRun,
  watched: Watched,
): Promise<RunEvidence> {
  const { world, plan } = platform;
  const { journals, recorder } = await recorded(platform);
  const own = journals.find(journal => journal.run === report.run);
  const opened = own?.entries.find(({ fact }) => fact.type === 'opened')?.fact;
  const hash = opened?.type === 'opened' ? opened.hash : report.runHash;
  const needed = plan.policy.P0.approvals;
  // A run that takes over acts on the approvals of the one that it ends, and its journal has them.
  const concerned = journals.filter(journal => isOfRun(journal, report.run, journals));
  const approvers = new Set([...report.heard, ...heardIn(concerned)].filter(isApproval).map(({ by }) => by));
  const seen = seenIn(world);
  const history = historyToJSON(await handle.fetchHistory());
  const handover = report.heard.findLast(heard => heard.kind === 'decide' && heard.counted);
  return {
    run: report.run,
    journals,
    outcome: report.outcome,
    ...(handover === undefined ? {} : { handedOverTo: handover.by }),
    approved: approvers.size >= needed ? [hash] : [],
    targets: watchedTargets(platform, report.outcome, watched).map(target => ({
      target,
      now: watched.before[target]!,
      release: watched.release[target] ?? watched.before[target]!,
      ...(seen[target] === undefined ? {} : { observed: seen[target] }),
    })),
    gates: [{ gate: 'ingress', state: world.containers.get('gate')?.activity === 'running' ? 'open' : 'shut' }],
    afterRevert: plan.afterRevert,
    timeline: timelineOf(concerned.flatMap(({ entries }) => entries)),
    recorder,
    causes: causesOf(journals),
    captures: await capturesOf(platform),
    answers: watched.answers,
    served: {
      now: versionsOf(watched.before),
      release: { ...versionsOf(watched.before), ...versionsOf(watched.release) },
    },
    writes: writesOf(watched.rowsBefore, world.volumes.get('data')?.live.rows ?? 0),
    loss: {
      // What a held run replaced lies beside it still, and its loss was accepted.
      ceiling: report.outcome === 'completed' || report.outcome === 'held' ? watched.ceiling : 0,
      ...(report.outcome === 'completed' ? { fixed: report.losses.reduce((sum, loss) => sum + loss.lost, 0) } : {}),
    },
    texts: [
      { name: 'history', text: history },
      { name: 'journals', text: JSON.stringify(journals) },
      { name: 'report', text: JSON.stringify(report) },
      { name: 'rendered report', text: renderReport(report) },
      { name: 'messages', text: JSON.stringify(platform.told) },
    ],
    canaries: CANARIES,
    notifications: platform.told.map(deliveredOf),
    escalations: escalationsOf(own?.entries ?? [], plan.escalation[0]?.level ?? 1),
    claims: world.claimed.map(({ at, run, action }) => ({ at: new Date(at).toISOString(), run, action })),
    // What comes once the run has closed is answered so, and decides nothing.
    decisions: report.heard.filter(heard => heard.at <= (report.closedAt ?? '9')).map(() => 'heard'),
  };
}

const isApproval = ({ kind, counted }: Heard): boolean => kind === 'confirm' && counted;

const heardIn = (journals: readonly JournalEvidence[]): readonly Heard[] =>
  journals.flatMap(({ entries }) =>
    entries.flatMap(({ fact }) =>
      fact.type === 'event' && fact.what === 'heard' ? [(fact.facts as { message: Heard }).message] : [],
    ),
  );

const versionsOf = (seen: Seen): Record<string, string> =>
  Object.fromEntries(Object.entries(seen).map(([target, look]) => [target, look.version]));

/** A gate that stays shut after a revert is no more as it was found. */
const watchedTargets = ({ plan }: ScriptedPlatform, outcome: string, { before }: Watched): readonly string[] =>
  Object.keys(before).filter(name => !(name === 'gate' && outcome === 'reverted' && plan.afterRevert === 'stay-shut'));

/** Journals and the engine's recorder of one moment: what clears up after a run may be at work meanwhile. */
async function recorded(platform: ScriptedPlatform): Promise<{ journals: JournalEvidence[]; recorder: EngineEvent[] }> {
  for (let reads = 1; reads <= 100; reads += 1) {
    const recorder = recorderOf(platform.world);
    const journals = await journalsOf(platform);
    if (recorderOf(platform.world).length === recorder.length) return { journals, recorder };
  }
  throw new Error('the platform does not come to rest: 100 reads of its journals, and something happened in each');
}

/** Its own journal, and that of the run that it took over. */
function isOfRun(journal: JournalEvidence, run: string, all: readonly JournalEvidence[]): boolean {
  if (journal.run === run) return true;
  const own = all.find(one => one.run === run);
  return own?.entries.some(({ fact }) => fact.type === 'opened' && fact.onBehalfOf === journal.run) ?? false;
}

export async function journalsOf(platform: ScriptedPlatform): Promise<JournalEvidence[]> {
  const home = join(platform.directory, 'journals', platform.name);
  const files = await readdir(home).catch(() => []);
  return Promise.all(
    files.map(async file => ({
      platform: platform.name,
      run: file.slice(0, -'.jsonl'.length),
      entries: readChain(await readFile(join(home, file)), file).entries,
    })),
  );
}

/** Names as the journal has them: a container's staged and outgoing names are its target's, the gate's own is its gate's. */
function targetOf(call: string, name: string): string {
  if (name === '/etc/web') return 'web-conf';
  const target = name.replace(/\.lg-.*$/, '');
  return target === 'gate' && (call === 'stop' || call === 'start' || call === 'set-policy') ? 'ingress' : target;
}

const recorderOf = (world: World): EngineEvent[] =>
  world.happenings.map(({ at, call, target, version }) => ({
    at: new Date(at).toISOString(),
    target: targetOf(call, target),
    action: call,
    // The gate's own container is judged as the target that it is, not as the gate.
    ...(version === undefined || target === 'gate' ? {} : { version }),
    ...(call === 'settle' ? { destroys: true } : {}),
  }));

const CAUSES: Readonly<Record<string, readonly string[]>> = {
  stop: ['stop', 'kill'],
  start: ['start'],
  'set-policy': ['set-policy-aside', 'give-policy-back'],
  rename: ['set-aside', 'bring-in', 'take-out', 'put-back'],
  create: ['create'],
  remove: ['remove'],
  unpack: ['unpack'],
  swap: ['swap'],
  'swap-back': ['swap-back'],
  drop: ['drop'],
  settle: ['settle'],
  'stage-file': ['stage-file'],
  'swap-file': ['swap-file'],
  'swap-file-back': ['swap-file-back'],
  'drop-file': ['drop-file'],
  'settle-file': ['settle-file'],
};

/** A run that takes over journals its effects in the other's name: `stop@<run>`. */
function causesOf(journals: readonly JournalEvidence[]): Record<string, readonly string[]> {
  const behalf = journals.map(({ run }) => run);
  return Object.fromEntries(
    Object.entries(CAUSES).map(([action, names]) => [
      action,
      names.flatMap(name => [name, ...behalf.map(run => `${name}@${run}`)]),
    ]),
  );
}

async function capturesOf({ directory, name }: ScriptedPlatform): Promise<CaptureEvidence[]> {
  const store = createDirectorySnapshotStore({ directory: join(directory, 'snapshots') });
  const { snapshots } = await store.list(name);
  const captures = await Promise.all(
    snapshots.map(async ({ id, takenAt, artifacts }) => {
      await (await store.open(id)).verify('raw', new AbortController().signal);
      return artifacts.map(artifact => ({ target: artifact.name, at: takenAt, hashed: true, readBack: true }));
    }),
  );
  return captures.flat();
}

/** Rows are written one after the other, so that a store of `now` rows holds the first `now` of them. */
const writesOf = (before: number, now: number): WriteEvidence[] =>
  Array.from({ length: before }, (_, index) => ({
    id: `row ${index + 1}`,
    acknowledgedAt: new Date(0).toISOString(),
    present: index < now ? 1 : 0,
  }));

/** The id of a message says its level: `<run>-<event>-<kind>-<level>-<channel>`. */
const deliveredOf = ({ id, at, title, urgency }: ScriptedPlatform['told'][number]): Delivered => ({
  id,
  at,
  level: Number(/-(\d+)-[a-z]+$/.exec(id)?.[1] ?? 0),
  title,
  urgency,
});

/** Whoever is held has told the first level within ten seconds. */
const escalationsOf = (entries: readonly JournalEntry[], level: number): { level: number; by: string }[] =>
  entries.flatMap(({ fact }) =>
    fact.type === 'event' && fact.what === 'held'
      ? [{ level, by: new Date(Date.parse(fact.at) + 10_000).toISOString() }]
      : [],
  );
