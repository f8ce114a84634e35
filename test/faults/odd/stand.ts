import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Document } from 'yaml';
import { connect, type Reached } from '../../../src/client/runs.ts';
import { type PrivateEngine, startPrivateEngine } from '../../../testbed/docker/engine.ts';
import { type Recorder, startRecorder } from '../../../testbed/recorder/recorder.ts';
import { type Ended, lastgood } from '../../client/command-line.ts';
import { type Pager, startPager } from '../../platforms/pager.ts';
import { well } from '../../platforms/stand.ts';
import { createWorkerProcess, type WorkerProcess } from '../../platforms/worker-process.ts';

/** An engine of its own, a worker process beside it, a recorder outside: what stands before a platform is brought up. */
export interface Ground {
  readonly engine: PrivateEngine;
  readonly platform: string;
  readonly at: Reached;
  readonly worker: WorkerProcess;
  readonly recorder: Recorder;
  readonly pager: Pager;
  readonly directory: string;
  readonly state: string;
  readonly snapshots: string;
  /** Where its plan is to be written. */
  readonly plan: string;
  readonly env: NodeJS.ProcessEnv;
  /** What the command line printed, all of it. */
  readonly printed: string[];
  cli(...args: string[]): Promise<Ended>;
  /** Records what runs as a release, and has it earn good. */
  recordGood(release: string): Promise<void>;
  end(): Promise<void>;
}

export type Edit = (plan: Document) => void;

let made = 0;

/** @param address of a Temporal server */
export async function layGround(address: string, name: string): Promise<Ground> {
  const endings: (() => Promise<unknown>)[] = [];
  const end = async (): Promise<void> => {
    for (let ending = endings.pop(); ending !== undefined; ending = endings.pop()) await ending();
  };
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
    endings.push(() => worker.stop());
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
      plan: join(plans, `${platform}.yaml`),
      env,
      printed,
      cli,
      async recordGood(release) {
        // Some have ended by themselves, and one was never started.
        await well(cli('release', 'record', platform, release, '--allow-stopped'));
        await well(cli('release', 'good', platform, release));
      },
      end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}
