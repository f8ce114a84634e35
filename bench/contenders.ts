import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { poll } from '../testbed/process/poll.ts';
import { type Ran, runTimed } from './contender.ts';
import type { Contender } from './figures.ts';
import { type FloorOrder, OUTGOING } from './floor/order.ts';
import type { BenchStage } from './stage.ts';

/** One way to roll back, and what is done when its time is taken and its result was looked at. */
export interface Way {
  /** @throws Error unless it says itself that it succeeded */
  run(stage: BenchStage, backup: string, signal: AbortSignal): Promise<Ran>;
  /** Drops what it kept beside the platform: none of it is measured. */
  tidy(stage: BenchStage): Promise<void>;
}

const SCRIPT = join(import.meta.dirname, 'script/rollback.sh');
const FLOOR = join(import.meta.dirname, 'floor/main.ts');

export const WAYS: Readonly<Record<Contender, Way>> = {
  script: {
    run: ({ scriptEnv }, backup, signal) =>
      runTimed(['bash', SCRIPT], { env: { ...scriptEnv, BACKUP: backup }, signal }),
    tidy: async () => undefined,
  },

  lastgood: {
    run: ({ lastgood }, _backup, signal) => {
      const args = ['run', 'n3xus', '--severity', 'P0', '--reason', 'bench', '--consent', 'n3xus'];
      return runTimed([process.execPath, lastgood.cli, ...args], { env: lastgood.env, signal });
    },
    // Aftercare drops it by itself.
    tidy: stage => untilGone(stage, '.lg-prev-'),
  },

  floor: {
    async run({ socket, platform, conf, directory }, backup, signal) {
      const plan = join(directory, 'plans', 'n3xus.yaml');
      const order: FloorOrder = { socket, plan, platform, conf, backup };
      const file = join(backup, 'order.json');
      await writeFile(file, JSON.stringify(order));
      return runTimed([process.execPath, FLOOR, file], { signal });
    },
    async tidy(stage) {
      const old = (await names(stage)).filter(name => name.endsWith(OUTGOING));
      await Promise.all(old.map(name => stage.engine.getContainer(name).remove({ v: false })));
      await rm(join(stage.platform.directory, `nginx${OUTGOING}`), { recursive: true });
    },
  },
};

/** A new directory for the captures of one round. */
export async function backupOf({ backups }: BenchStage, contender: Contender, round: number): Promise<string> {
  const directory = join(backups, `${contender}-${round}`);
  await mkdir(directory);
  return directory;
}

async function untilGone(stage: BenchStage, part: string): Promise<void> {
  await poll({ what: `containers named ${part} to be dropped`, deadlineMs: 180_000, everyMs: 500 }, async () =>
    (await names(stage)).every(name => !name.includes(part)),
  );
}

const names = async ({ engine }: BenchStage): Promise<string[]> =>
  (await engine.listContainers({ all: true })).flatMap(({ Names }) => Names.map(name => name.slice(1)));
