import { readlink } from 'node:fs/promises';
import { type Form, less, lessHost, lessItems, withHost } from '../form.ts';

const NET_BIND_SERVICE = 10n;
const SYS_NICE = 23n;
const has = (mask: string, bit: bigint): boolean => ((BigInt(`0x${mask}`) >> bit) & 1n) === 1n;
const count = (mask: string): number => [...BigInt(`0x${mask}`).toString(2)].filter(bit => bit === '1').length;
const ulimit =
  (name: string): Form['lose'] =>
  request =>
    lessItems('Ulimits', `"${name}"`)(request);

export const RIGHTS: readonly Form[] = [
  {
    form: 'dropped capabilities',
    on: 'strict',
    want: true,
    see: async at => count(await at.status('CapBnd')) <= 2,
    lose: lessHost('CapDrop'),
  },
  {
    form: 'added capabilities',
    on: 'strict',
    want: { bind: true, nice: true },
    see: async at => {
      const mask = await at.status('CapBnd');
      return { bind: has(mask, NET_BIND_SERVICE), nice: has(mask, SYS_NICE) };
    },
    lose: lessHost('CapAdd'),
  },
  {
    form: 'no new privileges',
    on: 'strict',
    want: '1',
    see: at => at.status('NoNewPrivs'),
    lose: lessItems('SecurityOpt', 'no-new-privileges'),
  },
  {
    form: 'no filter of system calls',
    on: 'strict',
    want: '0',
    see: at => at.status('Seccomp'),
    lose: lessItems('SecurityOpt', 'seccomp'),
  },
  {
    form: 'a user and its group',
    on: 'strict',
    want: { user: '1000 1000 1000 1000', group: '1001 1001 1001 1001' },
    see: async at => ({ user: await at.status('Uid'), group: await at.status('Gid') }),
    lose: less('User'),
  },
  {
    form: 'further groups',
    on: 'strict',
    want: ['20', '4000'],
    see: async at => (await at.status('Groups')).split(' ').filter(group => group === '20' || group === '4000'),
    lose: lessHost('GroupAdd'),
  },
  {
    form: 'a limit of open files, soft and hard',
    on: 'strict',
    want: '1000 2000',
    see: at => at.limit('open files'),
    lose: ulimit('nofile'),
  },
  {
    form: 'a limit of nought',
    on: 'strict',
    want: '0 0',
    see: at => at.limit('core file size'),
    lose: ulimit('core'),
  },
  {
    form: 'privilege, and never having been started',
    on: 'spare',
    want: { privileged: true, state: 'created' },
    see: ({ found }) => ({ privileged: found.HostConfig.Privileged, state: found.State.Status }),
    lose: lessHost('Privileged'),
  },
  {
    form: "the host's processes",
    on: 'free',
    want: true,
    see: async at => (await at.namespace('pid')) === (await readlink('/proc/self/ns/pid')),
    lose: lessHost('PidMode'),
  },
  {
    form: "the host's name",
    on: 'free',
    want: true,
    see: async at => (await at.namespace('uts')) === (await readlink('/proc/self/ns/uts')),
    lose: lessHost('UTSMode'),
  },
  {
    form: 'a view of control groups of its own',
    on: 'free',
    want: false,
    see: async at => (await at.namespace('cgroup')) === (await readlink('/proc/self/ns/cgroup')),
    lose: withHost('CgroupnsMode', 'host'),
  },
  {
    form: "the host's users",
    on: 'free',
    want: 'host',
    see: ({ found }) => found.HostConfig.UsernsMode,
    lose: lessHost('UsernsMode'),
  },
  {
    form: 'a runtime by its name',
    on: 'free',
    want: 'io.containerd.runc.v2',
    see: ({ found }) => found.HostConfig.Runtime,
    lose: lessHost('Runtime'),
  },
  {
    form: 'a device by another name',
    on: 'gear',
    want: true,
    see: async at => (await at.mode('/dev/nothing')) !== undefined,
    lose: lessItems('Devices', '/dev/nothing'),
  },
  {
    form: 'a device by its own name',
    on: 'gear',
    want: true,
    see: async at => (await at.mode('/dev/fuse')) !== undefined,
    lose: lessItems('Devices', '/dev/fuse'),
  },
  {
    form: 'a rule for devices',
    on: 'gear',
    want: true,
    see: async at => (await at.cgroup('devices.list'))?.includes('c 42:* rwm') ?? 'no list of devices',
    lose: lessHost('DeviceCgroupRules'),
  },
  {
    form: 'kernel files that are not hidden',
    on: 'gear',
    want: { hidden: false },
    see: async at => ({
      hidden: (await at.mount('/proc/timer_list')) !== undefined || (await at.mount('/proc/acpi')) !== undefined,
    }),
    lose: lessHost('MaskedPaths'),
  },
  {
    form: 'kernel files that may be written',
    on: 'gear',
    want: { readOnly: false },
    see: async at => ({ readOnly: (await at.mount('/proc/sys')) !== undefined }),
    lose: lessHost('ReadonlyPaths'),
  },
  {
    form: 'a control group of its own',
    on: 'gear',
    want: true,
    see: async at => (await at.cgroupPath()).startsWith('/odd-parent/'),
    lose: lessHost('CgroupParent'),
  },
  {
    form: 'memory that may not be shared',
    on: 'gear',
    want: 'private',
    see: ({ found }) => found.HostConfig.IpcMode,
    lose: withHost('IpcMode', 'shareable'),
  },
];
