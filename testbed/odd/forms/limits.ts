import { type Form, lessHost } from '../form.ts';

const MB = 1024 * 1024;

export const LIMITS: readonly Form[] = [
  {
    form: 'a limit of memory',
    on: 'strict',
    want: 48 * MB,
    see: async at => Number(await at.cgroup('memory.limit_in_bytes', 'memory.max')),
    lose: lessHost('Memory', 'MemorySwap', 'MemorySwappiness', 'MemoryReservation', 'OomKillDisable'),
  },
  {
    form: 'swap without a limit',
    on: 'strict',
    want: -1,
    see: ({ found }) => found.HostConfig.MemorySwap,
    lose: lessHost('MemorySwap'),
  },
  {
    form: 'a reservation of memory',
    on: 'strict',
    want: 24 * MB,
    see: async at => Number(await at.cgroup('memory.soft_limit_in_bytes', 'memory.low')),
    lose: lessHost('MemoryReservation'),
  },
  {
    form: 'a swappiness of nought',
    on: 'strict',
    want: 0,
    see: ({ found }) => found.HostConfig.MemorySwappiness,
    lose: lessHost('MemorySwappiness'),
  },
  {
    form: 'no killing for want of memory',
    on: 'strict',
    want: true,
    see: ({ found }) => found.HostConfig.OomKillDisable,
    lose: lessHost('OomKillDisable'),
  },
  {
    form: 'a share of the processors',
    on: 'strict',
    want: 512,
    see: async at => Number(await at.cgroup('cpu.shares')),
    lose: lessHost('CpuShares'),
  },
  {
    form: 'a quota of the processors, and its period',
    on: 'strict',
    want: '20000 of 50000',
    see: async at =>
      (await at.cgroup('cpu.max'))?.replace(' ', ' of ') ??
      `${await at.cgroup('cpu.cfs_quota_us')} of ${await at.cgroup('cpu.cfs_period_us')}`,
    lose: lessHost('CpuQuota', 'CpuPeriod'),
  },
  {
    form: 'a number of processors',
    on: 'free',
    want: 400_000_000,
    see: ({ found }) => found.HostConfig.NanoCpus,
    lose: lessHost('NanoCpus'),
  },
  {
    form: 'a choice of processors',
    on: 'strict',
    want: '0',
    see: at => at.status('Cpus_allowed_list'),
    lose: lessHost('CpusetCpus'),
  },
  {
    form: 'a limit of processes',
    on: 'strict',
    want: '60',
    see: at => at.cgroup('pids.max'),
    lose: lessHost('PidsLimit'),
  },
  {
    form: 'a score for the killer of processes',
    on: 'strict',
    want: '321',
    see: async at => (await at.proc('oom_score_adj')).trim(),
    lose: lessHost('OomScoreAdj'),
  },
];
