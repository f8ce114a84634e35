import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type Behaviour, type Fault, type World, well } from '../../src/drivers/scripted/world.ts';
import type { RollbackRequest } from '../../src/plan/rollback-request.ts';
import type { RunProgress } from '../../src/run/progress.ts';
import type { Heeded, MessageName } from '../../src/workflows/messages.ts';
import type { Answer } from '../checker/evidence.ts';
import { checkPromises } from '../checker/promises.ts';
import { answerIn, evidenceOf, type Seen, seenIn } from './evidence-of.ts';
import type { Life } from './life.ts';
import { type FinishedRun, finished, startRun } from './run-of.ts';
import { createScriptedPlatform, type ScriptedOptions, type ScriptedPlatform } from './scripted-platform.ts';
import { type Served, serve } from './serve.ts';
import type { Stage } from './shared-worker.ts';
import { polled, within } from './waiting.ts';

/** One scripted platform, served, and watched from outside from its beginning to its end. */
export interface Scene {
  readonly platform: ScriptedPlatform;
  readonly world: World;
  /** What goes wrong from here on. */
  faults(...faults: Fault[]): void;
  behaves(version: string, how: Partial<Behaviour>): void;
  /** Changes the live platform as somebody else would: what is found from here on is that. */
  changes(change: (world: World) => void): void;
  /** As `changes`, at any moment of a run: once the freeze has begun, what was found remains what was found before. */
  meddles(change: (world: World) => void): void;
  /** Engine calls so far, in their order, by the names that `at` knows. */
  readonly calls: readonly EngineCall[];
  /** Calls once, before the nth engine call of that name from here on is answered. Target `*`: whichever. */
  at(call: string, target: string, then: (target: string) => unknown, nth?: number): void;
  /** Calls once, when the next change of that name has happened and before anybody hears of it. */
  once(call: string, target: string, then: () => unknown): void;
  /** Starts a run, waits for its end, and holds it to the promises. */
  run(change?: Partial<RollbackRequest>): Promise<FinishedRun>;
  start(change?: Partial<RollbackRequest>): Promise<Underway>;
  /** The worker dies, without a word; another one starts from the same disk. A shared worker forgets all that it knew of this platform. */
  restart(): Promise<void>;
  /** The worker is told to stop, in good order; once it has, another one takes its place. */
  relieved(): Promise<void>;
  /** The worker dies, without a word, and nobody takes its place until `serves`. */
  dies(): Promise<void>;
  serves(): Promise<void>;
}

export interface EngineCall {
  readonly call: string;
  /** Without what differs from one run to the next: `web.lg-*`, `web.lg-prev-*`, `platform`. */
  readonly target: string;
}

/** A run that is under way. */
export interface Underway {
  readonly handle: Awaited<ReturnType<typeof startRun>>;
  progress(): Promise<RunProgress>;
  /** Waits until it stands so. */
  until(what: string, stands: (progress: RunProgress) => boolean): Promise<RunProgress>;
  tell(name: MessageName | 'handOver', said: unknown): Promise<void>;
  ask(name: MessageName, said: unknown): Promise<Heeded>;
  /** Waits for the end, and holds the run to the promises. */
  end(): Promise<FinishedRun>;
  /** Holds it to them once more, as all stands by now. */
  check(run: FinishedRun): Promise<FinishedRun>;
}

/** What every run must show, by the way it ended. */
const DEMANDED = [
  'I1.outcome',
  'I1.gates',
  'I1.traffic',
  'I2.order',
  'I2.from-outside',
  'I3.captured-first',
  'I3.writes',
  'I4.journal',
  'I4.rounds',
  'I4.fence',
  'I4.recorder',
  'I5.acts',
  'I5.own-journal',
  'I5.claims',
  'I6.hash',
  'I6.digests',
  'I7.chain',
  'I7.effects',
  'I7.decisions',
  'I7.closed',
  'I7.secrets',
] as const;
const DEMANDED_OF = {
  completed: ['I1.targets', 'I2.evidence', 'I3.loss-fixed'],
  reverted: ['I1.targets', 'I2.evidence'],
  refused: ['I1.targets', 'I1.untouched'],
  held: ['I1.handed-over', 'I7.delivered'],
  open: [],
} as const;

export async function given(t: Pick<TestContext, 'after'>, temporal: Stage, options: Options = {}): Promise<Scene> {
  const common = options.alone === true ? undefined : temporal.shared;
  const platform = await createScriptedPlatform({
    ...options,
    ...(common === undefined ? {} : { queue: common.queue }),
  });
  const { world } = platform;
  const release = await releaseOf(platform);
  let served: Served | undefined;
  let life: Life | undefined;
  if (common === undefined) served = await serve(temporal, platform, options);
  else life = common.adopt(platform);
  t.after(() => {
    common?.forget(platform);
    return served?.();
  });

  let before = standing(world);
  // As the run itself found it: what a take-over that is refused must leave.
  let found = before;
  let frozen = false;
  const answers: Answer[] = [];
  // How many of them are older than what was found.
  let heard = 0;
  const ended = new Set<string>();
  const hooks: Hook[] = [];
  const afterwards: Hook[] = [];
  const calls: EngineCall[] = [];
  const plain = (name: string): string =>
    name === platform.name ? 'platform' : name.replace(/(\.lg-(prev-)?).*$/, '$1*');
  world.before = async (call, target) => {
    calls.push({ call, target: plain(target) });
    const answer = answerIn(world);
    if (answer !== undefined) answers.push(answer);
    // The gate's policy is set aside first of all that is done to the live platform.
    if (!frozen && call === 'set-policy' && target === 'gate') {
      frozen = true;
      before = standing(world);
    }
    for (const hook of due(hooks, call, plain(target))) await hook.then(target);
  };
  world.after = (call, target) => {
    for (const hook of due(afterwards, call, plain(target))) hook.then(target);
  };

  const check = async (run: FinishedRun, request: Partial<RollbackRequest>): Promise<FinishedRun> => {
    const refused = run.report.outcome === 'refused';
    const asFound = refused && request.takeOver !== undefined;
    const stood = asFound ? found : before;
    const watched = {
      before: stood.seen,
      rowsBefore: stood.rows,
      release,
      answers: asFound ? answers.slice(heard) : answers,
      ceiling: request.lossCeiling ?? 0,
    };
    // What another run shut is not for a refused one to open.
    const shutBefore = refused && stood.seen['gate']?.activity !== 'running';
    const { gates, targets, ...evidence } = await evidenceOf(platform, run, watched);
    // Nor is what the run that it was to take over still does on its own claim.
    const not = new Set([
      ...(shutBefore ? ['I1.gates', 'I2.from-outside'] : []),
      ...(asFound ? ['I1.targets', 'I6.digests'] : []),
    ]);
    // One that was told to end before it had read its plan has no journal to show.
    const isMute = asFound && !evidence.journals?.some(journal => journal.run === run.report.run);
    const all = isMute ? [] : [...DEMANDED, ...DEMANDED_OF[run.report.outcome]];
    const demanded = all.filter(part => !not.has(part));
    const known = {
      ...evidence,
      ...(shutBefore ? {} : { gates: gates! }),
      ...(asFound ? {} : { targets: targets! }),
    };
    const breaches = checkPromises(known, demanded);
    assert.deepEqual(
      breaches.map(breach => `${breach.part}: ${breach.what}`),
      [],
      `the promises of a run that was ${run.report.outcome} (${run.report.headline})`,
    );
    assert.equal(run.status, run.report.outcome === 'completed' ? 'COMPLETED' : 'FAILED');
    if (run.report.outcome !== 'held') ended.add(run.report.run);
    return run;
  };

  const start = async (change: Partial<RollbackRequest> = {}): Promise<Underway> => {
    // A take-over is judged by what stood before the freeze of the run that it ends.
    const left = world.claims.get(platform.name)?.run;
    frozen = frozen && change.takeOver !== undefined && change.takeOver === left && !ended.has(left);
    found = standing(world);
    heard = frozen ? answers.length : 0;
    if (!frozen) {
      before = found;
      answers.length = 0;
    }
    const handle = await startRun(temporal, platform, platform.request(change));
    const progress = () => handle.query<RunProgress>('progress');
    return {
      handle,
      progress,
      until: (what, stands) => polled(what, progress, stands, p => p.state === 'closed'),
      tell: (name, said) => handle.signal(name, said),
      ask: (name, said) => handle.executeUpdate<Heeded, [unknown]>(name, { args: [said] }),
      end: async () => check(await within(finished(handle)), change),
      check: run => check(run, change),
    };
  };

  const serves = async (): Promise<void> => {
    served = await serve(temporal, platform, options);
  };
  const dies = async (): Promise<void> => {
    const dead = served;
    served = undefined;
    await dead?.die();
  };
  return {
    platform,
    world,
    faults: (...faults) => void world.faults.push(...faults),
    behaves: (version, how) => void world.behaviours.set(version, { ...well, ...how }),
    changes: change => {
      change(world);
      before = standing(world);
    },
    meddles: change => {
      change(world);
      found = standing(world);
      heard = frozen ? answers.length : 0;
      if (frozen) return;
      before = { ...before, seen: found.seen };
      answers.length = 0;
    },
    calls,
    at: (call, target, then, nth = 1) => void hooks.push({ call, target, left: nth, then }),
    once: (call, target, then) => void afterwards.push({ call, target, left: 1, then }),
    start,
    run: async change => (await start(change)).end(),
    dies,
    serves,
    relieved: async () => {
      await served?.relieve();
      await serves();
    },
    restart: async () => {
      if (life !== undefined) {
        life.dead = true;
        life = common?.adopt(platform);
        return;
      }
      await dies();
      await serves();
    },
  };
}

interface Hook {
  readonly call: string;
  readonly target: string;
  left: number;
  readonly then: (target: string) => unknown;
}

/** Counts this call for every hook that waits for it, and takes out those whose turn it is. */
function due(hooks: Hook[], call: string, target: string): readonly Hook[] {
  const waiting = hooks.filter(hook => hook.call === call && (hook.target === '*' || hook.target === target));
  for (const hook of waiting) hook.left -= 1;
  const hit = waiting.filter(hook => hook.left === 0);
  for (const hook of hit) hooks.splice(hooks.indexOf(hook), 1);
  return hit;
}

export type Options = ScriptedOptions & {
  /** Served by a worker of its own, which can die. */
  readonly alone?: boolean;
  /** How many workflows that worker keeps in memory. */
  readonly cached?: number;
};

interface Standing {
  readonly seen: Seen;
  readonly rows: number;
}

const standing = (world: World): Standing => ({
  seen: seenIn(world),
  rows: world.volumes.get('data')?.live.rows ?? 0,
});

/** What the release v1 holds, as it stands when it runs. */
async function releaseOf({ plan, depsFor }: ScriptedPlatform): Promise<Seen> {
  const { ledger } = depsFor({ dead: false });
  const entry = (await ledger.list(plan.platform))[0]!;
  const restores = plan.targets.some(target => target.kind === 'docker-volume' && target.data === 'restore');
  return Object.fromEntries(
    entry.targets.flatMap(state => {
      if (state.target === 'data') return restores ? [['data', { version: 'captured' }]] : [];
      const settings = `${state.settings}, restart policy ${state.restartPolicy}`;
      return state.target === 'web-conf'
        ? [['web-conf', { version: state.version }]]
        : [[state.target, { version: state.version, settings, activity: state.activity }]];
    }),
  );
}
