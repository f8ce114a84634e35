import { chmod, cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LABEL } from '../src/drivers/docker/labels.ts';
import { type Stage, setStage } from '../testbed/demo/stage.ts';
import { BASE_IMAGE } from '../testbed/docker/images.ts';
import { containerRequests, NETWORK } from '../testbed/n3xus/container-request.ts';
import { awaitHealthy } from '../testbed/n3xus/health.ts';
import { PROBE_TOKEN } from '../testbed/n3xus/releases.ts';
import { runWell } from '../testbed/process/run.ts';
import type { Say } from '../testbed/say.ts';
import { fillPostgres } from './fill-postgres.ts';
import { formatSize } from './options.ts';
import { composeFile } from './script/compose-file.ts';
import { type FoundCompose, findCompose } from './script/find-compose.ts';

/** The N3XUS platform at its good release, with its data, and all that the three contenders need to put it back. */
export interface BenchStage extends Stage {
  readonly compose: FoundCompose;
  /** What the runbook has under /var/nexus: the good release's tag, compose file, images and ingress configuration. */
  readonly nexus: string;
  /** The good release's ingress configuration, kept. */
  readonly conf: string;
  /** Of script and floor; each round has its own directory in it. */
  readonly backups: string;
  /** The environment of rollback.sh, but for where its captures go. */
  readonly scriptEnv: NodeJS.ProcessEnv;
  /** The worker's process, which serves all rounds. */
  readonly worker: number;
  /** Bytes. */
  readonly data: { readonly database: number; readonly cluster: number };
}

export interface BenchStageOptions {
  readonly say: Say;
  readonly signal: AbortSignal;
  readonly privateEngine: boolean;
  /** Bytes of data in PostgreSQL. */
  readonly size: number;
}

const ROOT = join(import.meta.dirname, '..');
const PROJECT = 'nexus';

/** A slow machine makes a long figure, not a run that is taken back: nothing here waits for a budget's end. */
const LONG = { target: '5m', max: '15m' };
const BUDGETS = Object.fromEntries(
  ['admit', 'prepare', 'freeze', 'snapshot', 'stop', 'restore', 'start', 'verify', 'thaw'].map(phase => [phase, LONG]),
);

/** @throws Error saying what could not be had; what was made by then is removed */
export async function setBenchStage({ say, signal, privateEngine, size }: BenchStageOptions): Promise<BenchStage> {
  const compose = await findCompose(say);
  say('building lastgood, as a user has it');
  await runWell('npm', ['run', '--silent', 'build'], { deadlineMs: 300_000, cwd: ROOT, signal });
  // Aftercare drops what undo kept within seconds, so that the next round begins on a platform without it.
  const aftercare = { for: '2s', every: '1s' };
  const stage = await setStage({
    say,
    signal,
    privateEngine,
    built: true,
    restore: [],
    project: PROJECT,
    aftercare,
    budgets: BUDGETS,
  });
  try {
    const { platform, directory, socket } = stage;
    const nexus = platform.directory;
    const release = join(nexus, 'releases', 'v1');
    const conf = join(release, 'nginx');
    const backups = join(directory, 'backups');
    await mkdir(release, { recursive: true });
    await mkdir(backups);
    await cp(join(nexus, 'nginx'), conf, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    await chmod(conf, 0o755);
    const requests = containerRequests({ ...platform, release: 'v1', faults: '' });
    await writeFile(join(release, 'compose.json'), JSON.stringify(composeFile(requests, NETWORK), undefined, 2));
    await writeFile(join(release, 'images.txt'), [...new Set(requests.map(({ Image }) => `${Image}\n`))].join(''));
    await writeFile(join(nexus, 'last-good-deployment.txt'), 'v1\n');
    const scriptEnv = {
      ...process.env,
      DOCKER_HOST: socket,
      COMPOSE: compose.command,
      NEXUS: nexus,
      INGRESS: platform.url,
      TAR_IMAGE: BASE_IMAGE,
      PROBE_TOKEN,
      HOLD: '5',
    };
    // The stores outlive every deploy: made by Compose once, they have the hash by which it leaves them as they are.
    const [program = '', ...words] = compose.command.split(' ');
    const file = ['--project-name', PROJECT, '--file', join(release, 'compose.json')];
    const args = [...words, ...file, 'up', '-d', 'postgres', 'redis'];
    await runWell(program, args, { deadlineMs: 120_000, env: scriptEnv });
    await awaitHealthy(platform, { withinMs: 60_000, faults: '' });

    say(`filling PostgreSQL with ${formatSize(size)}`);
    let told = 0;
    const data = await fillPostgres(stage.engine, size, share => {
      if (share - told < 0.25 && share < 1) return;
      told = share;
      say(`  ${Math.round(share * 100)} %`);
    });
    say(`the database has ${formatSize(data.database)}, its volume ${formatSize(data.cluster)}`);
    await stage.lastgood.ask('setup');
    const worker = await stage.lastgood.startWorker();
    await stage.lastgood.ask('release', 'record', 'n3xus', 'v1');
    await stage.lastgood.ask('release', 'good', 'n3xus', 'v1');
    const end = async (): Promise<void> => {
      await stage.lastgood.stopWorker();
      await dropClaim(stage);
      await stage.end();
    };
    return { ...stage, end, compose, nexus, conf, backups, scriptEnv, data, worker: worker.pid as number };
  } catch (error) {
    await stage.end();
    throw error;
  }
}

/** A run that was interrupted leaves its claim on the engine, and the next bench would be refused. */
async function dropClaim({ engine }: Stage): Promise<void> {
  const claims = await engine.listContainers({ all: true, filters: { label: [`${LABEL.platform}=n3xus`] } });
  await Promise.all(claims.map(({ Id }) => engine.getContainer(Id).remove({ force: true })));
}
