import { mkdirSync, symlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pollersOf } from '../../src/client/pollers.ts';
import { connect, type Reached } from '../../src/client/runs.ts';
import { findBundle } from '../../src/worker/bundle.ts';
import { hostQueue } from '../../src/workflows/messages.ts';
import { type PrivateEngine, startPrivateEngine } from '../../testbed/docker/engine.ts';
import { poll } from '../../testbed/process/poll.ts';
import { type Recorder, startRecorder } from '../../testbed/recorder/recorder.ts';
import { type SmallPlanOptions, writeSmallPlan } from '../../testbed/small/plan.ts';
import { bringUpSmall, deploySmall, type Small, type SmallDeploy } from '../../testbed/small/platform.ts';
import { type Ended, lastgood } from '../client/command-line.ts';
import { type Looks, lookAtSmall } from './looks.ts';
import { type Pager, startPager } from './pager.ts';
import { createWorkerProcess, type WorkerProcess } from './worker-process.ts';

const quiet = (): void => undefined;
const BUNDLES = join(tmpdir(), 'lastgood-test-bundle');
/** Where the seconds of a stand go, for whoever asks. */
export const say = (line: string): void => void process.stderr.write(`# ${line}\n`);

/** One engine of its own with the small platform on it, v1 recorded and good; a worker process beside it; a recorder outside. */
export interface Stand {
  readonly engine: PrivateEngine;
  /** Its name in the plan, and of its queue: stands on one server have names of their own. */
  readonly platform: string;
  readonly small: Small;
  readonly at: Reached;
  readonly worker: WorkerProcess;
  readonly recorder: Recorder;
  readonly pager: Pager;
  readonly directory: string;
  readonly state: string;
  readonly snapshots: string;
  readonly env: NodeJS.ProcessEnv;
  /** The platform when v1 earned good. */
  readonly good: Looks;
  /** What the command line printed, all of it. */
  readonly printed: string[];
  cli(...args: string[]): Promise<Ended>;
  plan(edit?: SmallPlanOptions['edit']): void;
  /** Everything anew at v2, and whatever earlier runs left removed. */
  deploy(options?: Omit<SmallDeploy, 'to'>): Promise<void>;
  end(): Promise<void>;
}

let made = 0;

/** @param address of a Temporal server */
export async function setStand(address: string, edit?: SmallPlanOptions['edit']): Promise<Stand> {
  const endings: (() => Promise<unknown>)[] = [];
  const end = async (): Promise<void> => {
    for (let ending = endings.pop(); ending !== undefined; ending = endings.pop()) await ending();
  };
  try {
    const directory = await mkdtemp(join(tmpdir(), 'lg-platform-'));
    endings.push(() => rm(directory, { recursive: true, force: true }));
    const engine = await startPrivateEngine({ directory: join(directory, 'engine'), say: quiet });
    endings.push(() => engine.stop());
    const recorder = await startRecorder(engine.client, join(directory, 'events.jsonl'));
    endings.push(() => recorder.stop());
    const small = await bringUpSmall(engine.client, { directory: join(directory, 'small'), say: quiet });
    const [state, plans, snapshots] = ['state', 'plans', 'snapshots'].map(name => join(directory, name)) as [
      string,
      string,
      string,
    ];
    mkdirSync(state, { mode: 0o700 });
    // Every stand's worker has the same workflows: they are bundled once, not in each state directory.
    await findBundle(BUNDLES);
    symlinkSync(BUNDLES, join(state, 'cache'));
    const platform = `small-${process.pid}-${++made}`;
    const pager = await startPager(join(directory, 'pager-secret'));
    endings.push(() => pager.stop());
    const plan: Stand['plan'] = more =>
      writeSmallPlan({
        file: join(plans, `${platform}.yaml`),
        platform,
        small,
        socket: engine.socket,
        snapshots,
        webhook: pager,
        edit: document => {
          edit?.(document);
          more?.(document);
        },
      });
    plan();
    const env: NodeJS.ProcessEnv = {
      PATH: process.env['PATH'],
      HOME: directory,
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: 'default',
      LASTGOOD_STATE: state,
      LASTGOOD_PLANS: plans,
      LASTGOOD_TASK_QUEUE: platform,
    };
    const worker = createWorkerProcess(env, state);
    endings.push(() => worker.stop());
    const printed: string[] = [];
    const cli = async (...args: string[]): Promise<Ended> => {
      const ended = await lastgood(args, { env });
      printed.push(ended.stdout, ended.stderr);
      return ended;
    };
    await well(cli('setup'));
    await worker.start();
    const at = await connect(env);
    endings.push(() => at.close());
    // On a busy machine it polls for the first time a while after it says that it serves; the command line waits for 2 s.
    await poll({ what: 'the worker to poll', deadlineMs: 60_000 }, async () => {
      const seen = [
        await pollersOf(at, platform, 'workflow'),
        await pollersOf(at, hostQueue('main', platform), 'activity'),
      ];
      return seen.every(pollers => pollers.length > 0);
    });
    await well(cli('release', 'record', platform, 'v1'));
    await well(cli('release', 'good', platform, 'v1'));
    const good = await lookAtSmall(engine.client, small);
    const deploy: Stand['deploy'] = options => deploySmall(engine.client, small, { to: 'v2', ...options });
    await deploy();
    return {
      platform,
      engine,
      small,
      at,
      worker,
      recorder,
      pager,
      directory,
      state,
      snapshots,
      env,
      good,
      printed,
      cli,
      plan,
      deploy,
      end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** @throws Error with what it printed, unless it ended with 0 */
export async function well(ending: Promise<Ended>): Promise<Ended> {
  const ended = await ending;
  if (ended.code !== 0) throw new Error(`lastgood ended with ${ended.code}: ${ended.stdout}\n${ended.stderr}`);
  return ended;
}
