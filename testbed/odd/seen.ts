import { readFile, readlink, stat } from 'node:fs/promises';
import type Docker from 'dockerode';
import { runWell } from '../process/run.ts';
import type { OddName } from './requests.ts';

/** One running container, looked at by its engine's words and by the kernel's. */
export interface Seen {
  readonly found: Docker.ContainerInspectInfo;
  /** Another one of the platform. */
  of(name: OddName): Promise<Seen>;
  /** A field of /proc/<pid>/status, its white space made one blank. */
  status(field: string): Promise<string>;
  /** `soft hard` of /proc/<pid>/limits. */
  limit(name: string): Promise<string>;
  environment(): Promise<readonly string[]>;
  args(): Promise<readonly string[]>;
  /** A file as the container sees it; nothing when it is not there. */
  file(path: string): Promise<string | undefined>;
  /** Its mode, octal, and its size in blocks of nothing else. */
  mode(path: string): Promise<string | undefined>;
  /** What is mounted there, as the kernel has it. */
  mount(path: string): Promise<Mount | undefined>;
  /** The namespace's own number: two that share it have the same. */
  namespace(kind: 'net' | 'pid' | 'ipc' | 'uts' | 'cgroup'): Promise<string>;
  /** Of the first hierarchy that has the file. */
  cgroup(...files: readonly string[]): Promise<string | undefined>;
  cgroupPath(): Promise<string>;
  /** A kernel setting in its network and memory namespaces. */
  sysctl(name: string): Promise<string>;
  /** Another file of /proc/<pid>. */
  proc(file: string): Promise<string>;
}

export interface Mount {
  readonly options: readonly string[];
  /** `tmpfs`, `ext4`. */
  readonly type: string;
  /** Of the file system itself: `size=1024k`. */
  readonly whole: readonly string[];
  /** `shared:…`, `master:…`; empty for a private one. */
  readonly propagation: readonly string[];
}

/** @throws Error when it does not run */
export async function lookInto(engine: Docker, name: OddName): Promise<Seen> {
  const found = await engine.getContainer(name).inspect();
  const pid = found.State.Pid;
  const read = (file: string): Promise<string> => {
    if (pid === 0) throw new Error(`${name} does not run (${found.State.Status})`);
    return readFile(`/proc/${pid}/${file}`, 'utf8');
  };
  const list = async (file: string) => (await read(file)).split('\0').slice(0, -1);
  const missing = (): undefined => undefined;
  const cgroups = async () =>
    (await read('cgroup'))
      .trim()
      .split('\n')
      .map(line => line.split(':') as [string, string, string]);
  return {
    found,
    of: other => lookInto(engine, other),
    async status(field) {
      const line = (await read('status')).split('\n').find(one => one.startsWith(`${field}:`));
      return (line ?? '')
        .slice(field.length + 1)
        .trim()
        .replace(/\s+/g, ' ');
    },
    async limit(limit) {
      const line = (await read('limits')).split('\n').find(one => one.toLowerCase().startsWith(`max ${limit}`));
      return (line ?? '').slice(26).trim().split(/\s+/).slice(0, 2).join(' ');
    },
    environment: () => list('environ'),
    args: () => list('cmdline'),
    file: path => read(`root${path}`).catch(missing),
    mode: async path => {
      const stats = await stat(`/proc/${pid}/root${path}`).catch(missing);
      return stats && (stats.mode & 0o7777).toString(8);
    },
    async mount(path) {
      const line = (await read('mountinfo')).split('\n').findLast(one => one.split(' ')[4] === path);
      if (line === undefined) return undefined;
      const [front = '', back = ''] = line.split(' - ');
      const [, , , , , options = '', ...propagation] = front.split(' ');
      const [type = '', , whole = ''] = back.split(' ');
      return { options: options.split(','), type, whole: whole.split(','), propagation };
    },
    namespace: kind => readlink(`/proc/${pid}/ns/${kind}`),
    async cgroup(...files) {
      const paths = (await cgroups()).flatMap(([, controllers, path]) =>
        files.map(file => `/sys/fs/cgroup/${controllers.replace(/^name=/, '')}${path}/${file}`),
      );
      for (const path of paths) {
        const text = await readFile(path, 'utf8').catch(missing);
        if (text !== undefined) return text.trim();
      }
      return undefined;
    },
    cgroupPath: async () => (await cgroups()).find(([, controllers]) => /memory|^$/.test(controllers))?.[2] ?? '',
    sysctl: async setting =>
      (
        await runWell(
          'nsenter',
          [`--target=${pid}`, '--net', '--ipc', 'cat', `/proc/sys/${setting.replaceAll('.', '/')}`],
          {
            deadlineMs: 10_000,
          },
        )
      ).trim(),
    proc: read,
  };
}
