import type { HostDrivers } from '../drivers/contract.ts';
import type { Executor, Journals } from '../executor/contract.ts';
import type { RunStore } from '../executor/run-store.ts';
import type { Channel } from '../notify/channel.ts';
import type { PlatformName } from '../plan/ids.ts';
import type { Plan } from '../plan/plan.ts';
import type { Ledger } from '../releases/ledger.ts';
import type { SnapshotStore } from '../snapshots/store.ts';

/** All that activities need, wired by the worker. */
export interface Deps {
  readonly plans: PlanSource;
  /** The drivers of the plan's host; one connection an engine, however often it is asked. */
  drivers(plan: Plan): HostDrivers;
  readonly executor: Executor;
  readonly journals: Journals;
  readonly runs: RunStore;
  readonly ledger: Ledger;
  snapshots(plan: Plan): SnapshotStore;
  channels(plan: Plan): readonly Channel[];
  now(): Date;
  /** How long an attempt may go without a sign of life before its work is given to another, in milliseconds. Absent: 10 s. */
  readonly heartbeat?: number;
}

/** The worker's own directory of plans: what a client sends is a name, never a plan. */
export interface PlanSource {
  read(platform: PlatformName): Promise<{ readonly plan: Plan } | { readonly faults: readonly string[] }>;
}
