import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { findBundle } from '../../src/worker/bundle.ts';
import { cacheDirectory } from '../cache.ts';
import { findOrStartEngine } from '../docker/find.ts';
import { ensurePlatformImages } from '../n3xus/images.ts';
import { writePlan } from '../n3xus/plan.ts';
import { bringUp, type Platform, tearDown } from '../n3xus/platform.ts';
import { type Endings, endAll } from '../process/endings.ts';
import type { Say } from '../say.ts';
import { findTemporal } from '../temporal/binary.ts';
import { startTemporal, type TemporalServer } from '../temporal/server.ts';
import { createLastgood, type Lastgood } from './lastgood.ts';

/** All that the demo stands on: a Temporal server, a Docker engine, the N3XUS platform at v1, and a worker beside them. */
export interface Stage {
  readonly engine: Docker;
  readonly platform: Platform;
  readonly temporal: TemporalServer;
  readonly lastgood: Lastgood;
  readonly directory: string;
  /** As DOCKER_HOST takes it. */
  readonly socket: string;
  /** Of the Temporal CLI. */
  readonly temporalVersion: string;
  /** Ends and removes everything that was made, in the reverse order. Safe to call twice. */
  end(): Promise<void>;
}

export interface StageOptions {
  readonly say: Say;
  /** Gives up what is under way, and removes what was made. */
  readonly signal?: AbortSignal;
  readonly privateEngine: boolean;
  /** Volumes whose data the plan restores. */
  readonly restore: readonly string[];
  /** Labels the platform's containers as a Docker Compose project's. */
  readonly project?: string;
  /** Runs lastgood as `npm run build` left it, and not from the sources. */
  readonly built?: boolean;
  readonly aftercare?: { readonly for: string; readonly every: string };
  /** Phase -> its budget, in place of the plan's. */
  readonly budgets?: Readonly<Record<string, { readonly target: string; readonly max: string }>>;
}

/** @throws Error saying what could not be had, and the ways out; what was made by then is removed */
export async function setStage({ say, signal, privateEngine, restore, ...more }: StageOptions): Promise<Stage> {
  const endings: Endings = [];
  const end = (): Promise<void> => endAll(endings);
  try {
    const directory = await mkdtemp(join(tmpdir(), 'lastgood-demo-'));
    endings.push(() => rm(directory, { recursive: true, force: true }));
    // Made of the sources while everything else is brought up, and kept: a built lastgood brings its own with it.
    const bundles = join(cacheDirectory(), 'workflows');
    const bundling = more.built === true ? undefined : findBundle(bundles);
    bundling?.catch(() => undefined); // awaited below
    const { path: binary, version: temporalVersion } = await findTemporal({ say, signal });
    const temporal = await startTemporal({ binary, directory: join(directory, 'temporal'), say, ui: true });
    endings.push(() => temporal.stop());
    signal?.throwIfAborted();
    const found = await findOrStartEngine({ say, privateOnly: privateEngine });
    endings.push(() => found.stop());
    signal?.throwIfAborted();
    const images = await ensurePlatformImages(found.client, { say });
    endings.push(() => tearDown(found.client));
    signal?.throwIfAborted();
    const project = more.project === undefined ? {} : { project: more.project };
    const home = join(directory, 'n3xus');
    const platform = await bringUp(found.client, { release: 'v1', images, directory: home, say, ...project });

    signal?.throwIfAborted();
    const plans = join(directory, 'plans');
    writePlan({
      file: join(plans, 'n3xus.yaml'),
      platform,
      socket: found.socket,
      snapshots: join(directory, 'snapshots'),
      verifyWindow: '5s',
      soak: '5s',
      aftercare: more.aftercare ?? { for: '10m', every: '30s' },
      restore,
      ...(more.budgets === undefined ? {} : { budgets: more.budgets }),
    });
    const state = join(directory, 'state');
    await mkdir(state, { mode: 0o700 });
    if ((await bundling) !== undefined) await symlink(bundles, join(state, 'cache'));
    const from = more.built === true ? 'built' : 'sources';
    const lastgood = createLastgood({ address: temporal.address, state, plans, from });
    endings.push(() => lastgood.stopWorker());
    const { client: engine, socket } = found;
    return { engine, platform, temporal, temporalVersion, lastgood, directory, socket, end };
  } catch (error) {
    await end();
    throw error;
  }
}
