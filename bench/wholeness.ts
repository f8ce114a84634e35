import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { differing, notAt } from '../testbed/demo/proof.ts';
import { checkWrites } from '../testbed/n3xus/check-writes.ts';
import { awaitHealthy } from '../testbed/n3xus/health.ts';
import { inspectAll } from '../testbed/n3xus/inspect.ts';
import { type Acknowledged, type TrafficRecord, versionsOf } from '../testbed/n3xus/traffic-record.ts';
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
  /** The command's end, ms since the epoch. */
  readonly endedAt: number;
  /** Where its captures went. */
  readonly backup: string;
}

export async function faultsAfter(stage: BenchStage, seen: RoundSeen): Promise<string[]> {
  const { engine, platform } = stage;
  await awaitHealthy(platform, { withinMs: 30_000, faults: '' });
  const faults = (await notAt(engine, 'v1')).map(what => `not at v1: ${what}`);
  for (const name of differing(seen.good, await makeupOfAll(stage))) faults.push(`${name} is not what it was at v1`);
  const mixed = seen.traffic.mixedAnswers().length;
  if (mixed > 0) faults.push(`${mixed} answers were served by two versions mixed`);
  const after = seen.traffic.answers.filter(answer => answer.at >= seen.endedAt && answer.status === 200);
  const strange = after.filter(answer => [...versionsOf(answer)].join() !== 'v1').length;
  if (after.length === 0 || strange > 0) faults.push(`${strange} of ${after.length} answers afterwards are not v1's`);
  const writes = await checkWrites(engine, { acknowledged: new Map(seen.acknowledged) });
  if (!writes.whole || writes.checked === 0)
    faults.push(
      `${writes.checked} writes: ${writes.missing} missing, ${writes.doubled} doubled, ${writes.altered} altered`,
    );
  const captured = await bytesUnder(seen.contender === 'lastgood' ? join(stage.directory, 'snapshots') : seen.backup);
  // Compressed it is smaller; what is much smaller is no capture of it.
  if (captured < stage.data.cluster / 20) faults.push(`its captures are ${captured} bytes`);
  return faults;
}

/** What makes each container what it is, whoever created it: image, environment, limits, mounts, policy, that it runs. */
export async function makeupOfAll({ engine }: Pick<BenchStage, 'engine'>): Promise<ReadonlyMap<string, string>> {
  return new Map(
    [...(await inspectAll(engine))].map(([name, { Image, Config, HostConfig, Mounts, State, RestartCount }]) => {
      const mounts = Mounts.map(({ Type, Name, Source, Destination, RW }) =>
        [Type, Name ?? Source, Destination, RW].join(),
      );
      const { Memory, PidsLimit, CapDrop, ReadonlyRootfs, Tmpfs, RestartPolicy, PortBindings } = HostConfig;
      const makeup = [
        [Image, Config.Env.toSorted(), Config.User, Config.Hostname.length > 0, mounts.toSorted()],
        [Memory, PidsLimit, CapDrop ?? [], ReadonlyRootfs, Tmpfs ?? {}, RestartPolicy?.Name, PortBindings ?? {}],
        [State.Running, RestartCount],
      ];
      return [name, JSON.stringify(makeup)];
    }),
  );
}

async function bytesUnder(directory: string): Promise<number> {
  const files = await readdir(directory, { recursive: true, withFileTypes: true });
  const sizes = files.filter(file => file.isFile()).map(file => stat(join(file.parentPath, file.name)));
  return (await Promise.all(sizes)).reduce((sum, { size }) => sum + size, 0);
}
