import { mkdirSync, symlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pollersOf } from '../../src/client/pollers.ts';
import { connect, type Reached } from '../../src/client/runs.ts';
import { findBundle } from '../../src/worker/bundle.ts';
import { hostQueue } from '../../src/workflows/messages.ts';
import { type PrivateEngine, startPrivateEngine } from '../../testbed/docker/engine.ts';
import { type Endings, endAll } from '../../testbed/process/endings.ts';
import { poll } from '../../testbed/process/poll.ts';
import { type Recorder, startRecorder } from '../../testbed/recorder/recorder.ts';
import { type Ended, lastgood } from '../client/command-line.ts';
import { type Pager, startPager } from './pager.ts';
import { createWorkerProcess, type WorkerProcess } from './worker-process.ts';

const BUNDLES = join(tmpdir(), 'lastgood-test-bundle');

/** An engine of its own, a worker process beside it, a recorder outside: what stands before a platform is brought up. */
export interface Ground {
  readonly engine: PrivateEngine;
  /** Its name in the plan, and of its queue: those on one server have names of their own. */
  readonly platform: string;
  readonly at: Reached;
  readonly worker: WorkerProcess;
  readonly recorder: Recorder;
  readonly pager: Pager;
  readonly directory: string;
  readonly state: string;
  readonly snapshots: string;
  /** Where its plan is to be written. */
  readonly planFile: string;
  readonly env: NodeJS.ProcessEnv;
  /** What the command line printed, all of it. */
  readonly printed: string[];
  cli(...args: string[]): Promise<Ended>;
  /** Starts the worker, and waits until it takes work. */
  serve(): Promise<void>;
  /** Records what runs as a release, and has it earn good. */
  recordGood(release: string, ...flags: string[]): Promise<void>;
  end(): Promise<void>;
}

let made = 0;

/** @param address of a Temporal server */
export async function layGround(address: string, name: string): Promise<Ground> {
  const endings: Endings = [];
  const end = (): Promise<void> => endAll(endings);
  try {
    const directory = await mkdtemp(join(tmpdir(), `lg-${name}-`));
    endings.push(() => rm(directory, { recursive: true, force: true }));
    const engine = await startPrivateEngine({ directory: join(directory, 'engine'), say: () => undefined });
    endings.push(() => engine.stop());
    const recorder = await startRecorder(engine.client, join(directory, 'events.jsonl'));
    endings.push(() => recorder.stop());
    const pager = await startPager(join(directory, 'pager-secret'));
    endings.push(() => pager.stop());
    const [state, plans, snapshots] = ['state', 'plans', 'snapshots'].map(one => join(directory, one)) as [
      string,
      string,
      string,
    ];
    for (const one of [state, plans, snapshots]) mkdirSync(one, { mode: 0o700 });
    // Every ground's worker has the same workflows: they are bundled once, not in each state directory.
    await findBundle(BUNDLES);
    symlinkSync(BUNDLES, join(state, 'cache'));
    const platform = `${name}-${process.pid}-${++made}`;
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
    endings.push(async () => void (await worker.stop()));
    const printed: string[] = [];
    const cli = async (...args: string[]): Promise<Ended> => {
      const ended = await lastgood(args, { env });
      printed.push(ended.stdout, ended.stderr);
      return ended;
    };
    await well(cli('setup'));
    const at = await connect(env);
    endings.push(() => at.close());
    return {
      engine,
      platform,
      at,
      worker,
      recorder,
      pager,
      directory,
      state,
      snapshots,
      planFile: join(plans, `${platform}.yaml`),
      env,
      printed,
      cli,
      async serve() {
        await worker.start();
        // On a busy machine it polls for the first time a while after it says that it serves; the command line waits for 2 s.
        await poll({ what: 'the worker to poll', deadlineMs: 60_000 }, async () => {
          const seen = [
            await pollersOf(at, platform, 'workflow'),
            await pollersOf(at, hostQueue('main', platform), 'activity'),
          ];
          return seen.every(pollers => pollers.length > 0);
        });
      },
      async recordGood(release, ...flags) {
        await well(cli('release', 'record', platform, release, ...flags));
        await well(cli('release', 'good', platform, release));
      },
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
