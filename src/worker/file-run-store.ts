import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDirectory, replace } from '../disk/durable-file.ts';
import { DriverError } from '../drivers/errors.ts';
import type { RunStore } from '../executor/run-store.ts';
import { canonicalJson } from '../plan/canonical.ts';
import type { RunHash } from '../plan/ids.ts';
import type { RunPlan, TargetState } from '../plan/run-plan.ts';
import { type PastRun, pastRunOf } from '../run/forecast.ts';

/** RunPlans under their own hash, reports under their run, in one directory of the worker. */
export function createFileRunStore(directory: string): RunStore {
  const planPath = (hash: string): string => join(directory, 'run-plans', `${hash}.json`);
  return {
    hashOf,
    async keep(plan) {
      const hash = hashOf(plan);
      await makeDirectory(join(directory, 'run-plans'));
      await replace(planPath(hash), Buffer.from(canonicalJson(plan)));
      return hash;
    },
    async load(hash) {
      if (!/^[0-9a-f]{64}$/.test(hash))
        throw new DriverError('missing', `run hash ${JSON.stringify(hash)}: expected 64 hex digits`);
      let plan: RunPlan;
      try {
        plan = JSON.parse(await readFile(planPath(hash), 'utf8')) as RunPlan;
      } catch (error) {
        throw new DriverError(
          'missing',
          `the RunPlan ${hash.slice(0, 12)} cannot be read on this host: ${(error as Error).message}`,
        );
      }
      const found = hashOf(plan);
      if (found !== hash)
        throw new DriverError(
          'corrupt',
          `the RunPlan ${hash.slice(0, 12)} was changed on disk: its content is ${found.slice(0, 12)}`,
        );
      return plan;
    },
    past: (platform, most) => pastRunsIn(join(directory, 'reports', platform), most),
    async writeReport(platform, run, report) {
      const home = join(directory, 'reports', platform);
      await makeDirectory(home);
      await replace(join(home, `${run}.json`), Buffer.from(`${JSON.stringify(report, null, 2)}\n`));
    },
  };
}

/** Runs that ended otherwise are not counted, but not looked past without end either. */
const MOST_READ = 50;

async function pastRunsIn(home: string, most: number): Promise<PastRun[]> {
  const names = await readdir(home).catch(() => []);
  const files = await Promise.all(
    names.map(async name => ({ name, at: (await stat(join(home, name)).catch(() => undefined))?.mtimeMs ?? 0 })),
  );
  const past: PastRun[] = [];
  for (const { name } of files.sort((a, b) => b.at - a.at).slice(0, MOST_READ)) {
    const run = pastRunOf(await readJson(join(home, name)));
    if (run !== undefined && past.push(run) >= most) break;
  }
  return past;
}

/** A forecast is worth no refusal: what cannot be read says nothing. */
const readJson = async (path: string): Promise<unknown> => {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
};

/**
 * What people approve: digests, keyed hashes of settings, order, gates, data choices, snapshots and policy. Never what
 * changes by itself between two looks: which object it is, how it feels, how often it restarted.
 */
export function hashOf(runPlan: RunPlan): RunHash {
  const approved = {
    ...runPlan,
    targets: runPlan.targets.map(target => ({
      ...target,
      now: lasting(target.now),
      release: { version: target.release.version, settings: target.release.settings },
    })),
    gates: runPlan.gates.map(lasting),
  };
  return createHash('sha256').update(canonicalJson(approved)).digest('hex') as RunHash;
}

const lasting = ({ target, version, settings, restartPolicy }: TargetState) => ({
  target,
  version,
  settings,
  ...(restartPolicy === undefined ? {} : { restartPolicy }),
});
