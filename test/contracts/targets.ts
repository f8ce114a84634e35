import { seconds } from '../../src/plan/duration.ts';
import type { HostName, TargetId } from '../../src/plan/ids.ts';
import type { ContainerTarget, FilesTarget, VolumeTarget } from '../../src/plan/plan.ts';

const host = 'main' as HostName;

let made = 0;
export const freshName = (what: string): string => `${what}-${process.pid}-${++made}`;

export const containerTarget = (container: string, more: Partial<ContainerTarget> = {}): ContainerTarget => ({
  kind: 'docker',
  id: `target-of-${container}` as TargetId,
  host,
  container,
  probes: [],
  stop: { grace: seconds(10) },
  ignoreChanges: [],
  acceptChanges: false,
  ...more,
});

export const volumeTarget = (volume: string, more: Partial<VolumeTarget> = {}): VolumeTarget => ({
  kind: 'docker-volume',
  id: `target-of-${volume}` as TargetId,
  host,
  volume,
  data: 'restore',
  probes: [],
  ...more,
});

export const filesTarget = (path: string): FilesTarget => ({
  kind: 'files',
  id: `target-of-${path.replace(/^.*\//, '')}` as TargetId,
  host,
  path,
  usedBy: [],
  probes: [],
});
