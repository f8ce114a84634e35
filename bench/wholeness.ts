import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { differing, notAt } from '../testbed/demo/proof.ts';
import { checkWrites, type WritesCheck } from '../testbed/n3xus/check-writes.ts';
import { awaitHealthy } from '../testbed/n3xus/health.ts';
import { inspectAll } from '../testbed/n3xus/inspect.ts';
import { type Acknowledged, type Answer, type TrafficRecord, versionsOf } from '../testbed/n3xus/traffic-record.ts';
import type { Contender } from './figures.ts';
import type { BenchStage } from './stage.ts';

/** What a round left that the good release had not: every way a result can be broken. Empty: it is whole. */
export interface RoundSeen {
  readonly contender: Contender;
  /** What the platform was like when the release was good. */
  readonly good: ReadonlyMap<string, string>;
  readonly traffic: TrafficRecord;
  /** Of every round until now. */
  readonly acknowledged: ReadonlyMap<string, Acknowledged>;
  /** The command's start and its end, ms since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Where its captures went. */
  readonly backup: string;
}

export async function faultsAfter(stage: BenchStage, seen: RoundSeen): Promise<string[]> {
  const { engine, platform } = stage;
  await awaitHealthy(platform, { withinMs: 30_000, faults: '' });
  return judgeWhole({
    notAtRelease: await notAt(engine, 'v1'),
    changed: differing(seen.good, await makeupOfAll(stage)),
    mixed: seen.traffic.mixedAnswers().length,
    answersAfter: seen.traffic.answers.filter(answer => answer.at >= seen.endedAt && answer.status === 200),
    writes: await checkWrites(engine, { acknowledged: new Map(seen.acknowledged) }),
    captured: await bytesUnder(
      seen.contender === 'lastgood' ? join(stage.directory, 'snapshots') : seen.backup,
      seen.startedAt,
    ),
    cluster: stage.data.cluster,
  });
}

export interface Whole {
  readonly notAtRelease: readonly string[];
  /** Containers that are missing, too many, or of another makeup. */
  readonly changed: readonly string[];
  readonly mixed: number;
  readonly answersAfter: readonly Pick<Answer, 'servedBy'>[];
  readonly writes: Pick<WritesCheck, 'checked' | 'missing' | 'doubled' | 'altered' | 'whole'>;
  /** Bytes of the captures, and of the cluster that is the largest of what they captured. */
  readonly captured: number;
  readonly cluster: number;
}

/** Pure. One line for each fault. */
export function judgeWhole({ notAtRelease, changed, mixed, answersAfter, writes, captured, cluster }: Whole): string[] {
  const strange = answersAfter.filter(answer => [...versionsOf(answer)].join() !== 'v1').length;
  const { checked, missing, doubled, altered } = writes;
  return [
    ...notAtRelease.map(what => `not at v1: ${what}`),
    ...changed.map(name => `${name} is not what it was at v1`),
    ...(mixed > 0 ? [`${mixed} answers were served by two versions mixed`] : []),
    ...(answersAfter.length === 0 ? ['no answer afterwards was good'] : []),
    ...(strange > 0 ? [`${strange} of ${answersAfter.length} answers afterwards are not v1's`] : []),
    ...(checked === 0 ? ['no write was acknowledged, so none was checked'] : []),
    ...(writes.whole ? [] : [`${checked} writes: ${missing} missing, ${doubled} doubled, ${altered} altered`]),
    // Packed it is smaller; what is this much smaller is no capture of it.
    ...(captured < cluster / 10 ? [`its captures are ${captured} bytes of a cluster of ${cluster}`] : []),
  ];
}

export async function makeupOfAll({ engine }: Pick<BenchStage, 'engine'>): Promise<ReadonlyMap<string, string>> {
  return new Map([...(await inspectAll(engine))].map(([name, found]) => [name, makeupOf(found)]));
}

type Shown = Pick<Docker.ContainerInspectInfo, 'Image' | 'Config' | 'HostConfig' | 'Mounts' | 'State' | 'RestartCount'>;

/** What makes a container what it is, whoever created it: image, environment, limits, mounts, policy, that it runs. */
export function makeupOf({ Image, Config, HostConfig, Mounts, State, RestartCount }: Shown): string {
  const mounts = Mounts.map(({ Type, Name, Source, Destination, RW }) =>
    [Type, Name ?? Source, Destination, RW].join(),
  );
  const { Memory, PidsLimit, CapDrop, ReadonlyRootfs, Tmpfs, RestartPolicy, PortBindings } = HostConfig;
  return JSON.stringify([
    [Image, Config.Env.toSorted(), Config.User, mounts.toSorted()],
    [Memory, PidsLimit, CapDrop ?? [], ReadonlyRootfs, Tmpfs ?? {}, RestartPolicy?.Name, PortBindings ?? {}],
    [State.Running, RestartCount],
  ]);
}

/** Of this round alone: what was written since. */
async function bytesUnder(directory: string, since: number): Promise<number> {
  const files = await readdir(directory, { recursive: true, withFileTypes: true });
  const sizes = files.filter(file => file.isFile()).map(file => stat(join(file.parentPath, file.name)));
  return (await Promise.all(sizes)).reduce((sum, { size, mtimeMs }) => sum + (mtimeMs >= since ? size : 0), 0);
}
