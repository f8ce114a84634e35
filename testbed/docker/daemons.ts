import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DaemonSpec } from '../process/daemon.ts';
import { systemPath } from '../process/find-program.ts';
import type { EngineBinaries } from './binaries.ts';
import type { Bridge } from './bridge.ts';

export interface EnginePlace {
  /** Sockets and run-time state; short. */
  readonly run: string;
  /** Images, containers, volumes. */
  readonly data: string;
  /** Logs. */
  readonly directory: string;
  readonly bridge: Bridge;
}

export const socketOf = (run: string): string => join(run, 'docker.sock');
const containerdSocket = (run: string): string => join(run, 'containerd.sock');
const environment = (run: string): NodeJS.ProcessEnv => ({ PATH: systemPath(), HOME: run, TMPDIR: '/tmp' });

/** A containerd with nothing of the machine's own: a dockerd that minds its own cannot be started again after SIGKILL. */
export async function describeContainerd(binaries: EngineBinaries, place: EnginePlace): Promise<DaemonSpec> {
  const config = join(place.run, 'containerd.toml');
  await writeFile(
    config,
    [
      'version = 2',
      `root = ${JSON.stringify(join(place.data, 'containerd'))}`,
      `state = ${JSON.stringify(join(place.run, 'containerd'))}`,
      // Kubernetes' door: not used, and it wants network plugins.
      'disabled_plugins = ["io.containerd.grpc.v1.cri"]',
      '[grpc]',
      `address = ${JSON.stringify(containerdSocket(place.run))}`,
      '',
    ].join('\n'),
  );
  return {
    command: binaries.containerd,
    args: ['--config', config],
    log: join(place.directory, 'containerd.log'),
    env: environment(place.run),
  };
}

/** Written anew for each start; the machine's own /etc/docker is neither read nor written. */
export async function describeDockerd(binaries: EngineBinaries, place: EnginePlace): Promise<DaemonSpec> {
  const config = join(place.run, 'daemon.json');
  // Before 24 the engine's id is that of a key in /etc/docker, and two engines of one machine would share it.
  const settings = binaries.major < 24 ? { 'deprecated-key-path': join(place.data, 'key.json') } : {};
  await writeFile(config, JSON.stringify(settings));
  const { bridge, run, data } = place;
  const args = [
    ['--config-file', config],
    ['--containerd', containerdSocket(run)],
    ['--data-root', join(data, 'docker')],
    ['--exec-root', join(run, 'docker')],
    ['--pidfile', join(run, 'docker.pid')],
    ['--host', `unix://${socketOf(run)}`],
    ['--bridge', bridge.name],
    // The upper half of the range; the bridge's own /24 is in the lower.
    ['--default-address-pool', `base=${bridge.prefix}128.0/17,size=24`],
  ];
  return {
    command: binaries.dockerd,
    args: args.flat(),
    log: join(place.directory, 'dockerd.log'),
    env: environment(run),
  };
}
