import { minutes, ofMilliseconds } from './duration.ts';
import type { GateName, HostName, PlanDigest, PlatformName, TargetId, TierName } from './ids.ts';
import type { ChannelSpec, EscalationLevel, GateSpec, HttpProbe, Plan, ProbeSpec, RowCount, Target } from './plan.ts';
import type { PlanFile } from './schema/plan-file.ts';

type Entry<Key extends 'targets' | 'gates' | 'channels'> = PlanFile[Key][string];
type ContainerEntry = Extract<Entry<'targets'>, { docker: string }>;
type VolumeEntry = Extract<Entry<'targets'>, { 'docker-volume': string }>;
type ProbeEntry = ContainerEntry['probes'][number];
type SqlEntry = Extract<ProbeEntry, { sql: string }>;
type FrontDoorEntry = PlanFile['verify']['front-door'][number];

/** The file in the words of the rest of lastgood, with the defaults that lean on other parts of it. It was checked before. */
export function toPlan(file: PlanFile, digest: PlanDigest): Plan {
  const hosts = Object.entries(file.hosts).map(([name, { docker }]) => ({ name: name as HostName, docker }));
  const onlyHost = hosts[0]!.name;
  const channels = Object.entries(file.channels).map(([name, channel]) => toChannel(name, channel));
  return {
    platform: file.platform as PlatformName,
    digest,
    hosts,
    tiers: file.tiers as TierName[],
    targets: Object.entries(file.targets).map(([id, target]) => toTarget(id as TargetId, target, file, onlyHost)),
    gates: Object.entries(file.gates).map(([name, gate]) => toGate(name as GateName, gate, file, onlyHost)),
    release: file.release,
    snapshots: file.snapshots,
    budgets: file.budgets,
    verify: {
      window: file.verify.window,
      restarts: file.verify.restarts,
      frontDoor: file.verify['front-door'].map(toHttpProbe),
    },
    policy: file.policy,
    onFailure: {
      beforeRestore: file['on-failure']['before-restore'],
      afterRestore: file['on-failure']['after-restore'],
      silence: file['on-failure'].silence,
      within: file['on-failure'].within,
    },
    afterRevert: file['after-revert'],
    escalation: file.escalation?.map(toLevel) ?? everyoneTwice(channels),
    channels,
    aftercare: { for: file.aftercare.for, every: ofMilliseconds(Math.min(file.aftercare.every, file.aftercare.for)) },
    accept: file.accept,
  };
}

function toTarget(id: TargetId, entry: Entry<'targets'>, file: PlanFile, onlyHost: HostName): Target {
  const common = { id, host: (entry.host ?? onlyHost) as HostName };
  if ('docker' in entry) {
    return {
      ...common,
      kind: 'docker',
      container: entry.docker,
      ...(entry.tier === undefined ? {} : { tier: entry.tier as TierName }),
      probes: entry.probes.map(toProbe),
      stop: present(entry.stop),
      ignoreChanges: entry['ignore-changes'],
      acceptChanges: entry['accept-changes'],
    };
  }
  if ('files' in entry) {
    return { ...common, kind: 'files', probes: [], path: entry.files, usedBy: entry['used-by'] as TargetId[] };
  }
  return {
    ...common,
    kind: 'docker-volume',
    probes: [],
    volume: entry['docker-volume'],
    data: entry.data,
    ...present({ together: entry.together, holds: entry.holds }),
    ...(entry.count === undefined ? {} : { count: toRowCount(entry.count, file) }),
  };
}

function toRowCount(count: NonNullable<VolumeEntry['count']>, file: PlanFile): RowCount {
  if ('lines' in count) return { by: 'lines', file: count.lines };
  const asked = file.targets[count.target] as ContainerEntry;
  const probe = asked.probes.find(candidate => 'sql' in candidate);
  // checkData has seen to it that one of the two names the user.
  const login = toLogin({ ...(probe as SqlEntry), ...(present(count) as Partial<SqlEntry>) });
  return { by: 'sql', query: count.sql, target: count.target as TargetId, login };
}

function toProbe(probe: ProbeEntry): ProbeSpec {
  const { within } = probe;
  if ('http' in probe) return toHttpProbe(probe);
  if ('sql' in probe) return { kind: 'sql', query: probe.sql, login: toLogin(probe), within };
  if ('redis' in probe) return { kind: 'redis', port: probe.port, within };
  return { kind: 'tcp', port: probe.tcp, within };
}

const toHttpProbe = (probe: FrontDoorEntry | Extract<ProbeEntry, { http: string }>): HttpProbe => ({
  kind: 'http',
  ...present(probe),
});

const toLogin = ({ port = 5432, user, database = user, password }: SqlEntry) => ({
  port,
  user,
  database,
  ...present({ password }),
});

function toGate(name: GateName, gate: Entry<'gates'>, file: PlanFile, onlyHost: HostName): GateSpec {
  const target = Object.entries(file.targets).find(([, entry]) => 'docker' in entry && entry.docker === gate.docker);
  return {
    name,
    host: (gate.host ?? onlyHost) as HostName,
    container: gate.docker,
    ...(target === undefined ? {} : { target: target[0] as TargetId }),
    by: gate.by,
    grace: gate.grace,
    observe: gate.observe,
  };
}

const toChannel = (name: string, channel: Entry<'channels'>): ChannelSpec =>
  'log' in channel ? { name, kind: 'log' } : { name, kind: 'webhook', url: channel.webhook, secret: channel.secret };

const toLevel = (level: NonNullable<PlanFile['escalation']>[number]): EscalationLevel => ({
  level: level.level,
  tell: level.tell,
  acknowledgeWithin: level['acknowledge-within'],
});

const everyoneTwice = (channels: readonly ChannelSpec[]): EscalationLevel[] =>
  [1, 2].map(level => ({ level, tell: channels.map(channel => channel.name), acknowledgeWithin: minutes(5) }));

type Present<T> = { [Key in keyof T as undefined extends T[Key] ? never : Key]: T[Key] } & {
  [Key in keyof T as undefined extends T[Key] ? Key : never]?: Exclude<T[Key], undefined>;
};
/** Without the keys whose value is undefined: absent means absent. */
const present = <T extends object>(value: T): Present<T> =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Present<T>;
